import { duration } from '../message/text.ts';

/** `3.4 s`: of what takes some seconds, tenths of them tell more. Else as in a message. */
export const precisely = (ms: number): string => (ms >= 1000 && ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms));
