// Stands for a package that is left out of our bundles: it may be imported, but not used.
// CommonJS, as what it stands for: nothing is evaluated before somebody asks for it.

module.exports = new Proxy(
  {},
  {
    get(_, name) {
      throw new Error(
        `${String(name)} is left out of Coldframe's bundles (src/local/build.ts): Socket Mode, OAuth and foreign charsets are never used on Lambda`,
      );
    },
  },
);
