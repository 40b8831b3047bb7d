// Stands for a package that is left out of our bundles: it may be imported, but not used.
// CommonJS, as what it stands for: nothing is evaluated before somebody asks for it.

module.exports = new Proxy(
  {},
  {
    get(_, name) {
      // Asked by the bundle itself, on behalf of an ES module that imports this.
      if (name === '__esModule') return undefined;
      throw new Error(
        `${String(name)} is left out of Coldframe's bundles (src/local/build.ts): Socket Mode, OAuth, foreign charsets and a search for credentials are never needed on Lambda`,
      );
    },
  },
);
