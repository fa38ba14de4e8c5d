/**
 * How every bundle of ours is made (`nodejs` of SST's functions). Kept to what SST's CLI reads: of `esbuild` it takes a few
 * options and drops the others without a word.
 */
export const bundling = {
  // What only some calls need lies in files of its own, which a cold start does not read.
  splitting: true,
  minify: true,
  esbuild: {
    // Not `nodejs.sourcemap: false`, with which SST leaves the maps in the zip.
    sourcemap: false,
    // Names of minified functions are written back one call each, thousands of them at every cold start.
    keepNames: false,
    // Libraries bring a second, slower self for development; this one does not come along.
    // Libraries that ask whose navigator it is make Node.js read what it has of one.
    define: { "process.env.NODE_ENV": '"production"', navigator: "undefined" },
  },
} as const;
