import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

declare module "@remix-run/node" {
  interface Future {
    v3_singleFetch: true;
  }
}

// React and Remix change rarely, so their own chunk stays in browser caches across releases.
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
  // Workspace packages are TypeScript, so Vite bundles them; npm packages stay external.
  ssr: { noExternal: [/^@lectern\//] },
  // These are all npm packages that the browser needs. With discovery on, Vite also finds the loaders' imports, bundles
  // again while pages are open, and the pages break with two copies of React.
  optimizeDeps: { noDiscovery: true },
  build: {
    target: isSsrBuild ? "node24" : "es2022",
    cssMinify: "lightningcss",
    sourcemap: isSsrBuild,
    rollupOptions: isSsrBuild
      ? {}
      : {
          output: {
            // Groups what every page needs into a few files, so a first visit makes few requests.
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
