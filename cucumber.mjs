// Found by cucumber-js itself. No tags here: which scenarios to run is said by whoever runs them, and `@broken` is one of them.
export default {
  import: ['features/**/*.ts'],
  paths: ['features/**/*.feature'],
};
