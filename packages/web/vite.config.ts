import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

declare module "@remix-run/node" {
  interface Future {
    v3_singleFetch: true;
  }
}

// React and Remix change only with their versions: one file of their own stays in the browser's cache over releases.
const vendor =
  /node_modules\/(react|react-dom|scheduler|@remix-run\/(react|router|server-runtime)|react-router|react-router-dom|turbo-stream|cookie)\//;

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [
    tailwindcss(),
    remix({
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_singleFetch: true,
        v3_lazyRouteDiscovery: true,
        v3_routeConfig: true,
      },
    }),
  ],
  // The workspaces are TypeScript and must be bundled; npm packages stay outside and are found beside the build.
  ssr: { noExternal: [/^@lectern\//] },
  // Remix names what a browser needs of npm: React and its own client. Left to discover more, Vite's development server
  // also finds what loaders import, bundles again while pages are open, and they break over two Reacts.
  optimizeDeps: { noDiscovery: true },
  build: {
    target: isSsrBuild ? "node24" : "es2022",
    cssMinify: "lightningcss",
    sourcemap: isSsrBuild,
    rollupOptions: isSsrBuild
      ? {}
      : {
          output: {
            // A first visit is a handful of requests: what every page needs travels in a few files, not in twenty.
            manualChunks: (id: string) => {
              if (vendor.test(id)) return "vendor";
              if (/\/app\/(components\/(ui|frame)|messages\/(index|en\/(common|errors))|util)/.test(id))
                return "shared";
              if (/\/app\/(components\/(cover|course-card|continue)|messages\/en\/(school|learn))/.test(id))
                return "site";
              return undefined;
            },
          },
        },
  },
}));
