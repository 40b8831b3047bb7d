import fc from 'fast-check';
import { cases } from './every-row.ts';

// For the properties that say nothing themselves: loaded before each test file of the fast project, and by others that have many.
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: cases(100) });
