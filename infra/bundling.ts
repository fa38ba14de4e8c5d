/**
 * Bundling options of every function (`nodejs` in SST). SST's CLI reads only some esbuild options and silently drops
 * the others.
 */
export const bundling = {
  // Lazy imports stay in separate files, which a cold start does not read.
  splitting: true,
  minify: true,
  esbuild: {
    // `nodejs.sourcemap: false` would make SST leave the maps in the zip.
    sourcemap: false,
    // With keepNames, each cold start would run thousands of calls that restore function names.
    keepNames: false,
    define: { "process.env.NODE_ENV": '"production"', navigator: "undefined" },
  },
} as const;
