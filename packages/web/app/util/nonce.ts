import { createContext, useContext } from "react";

/** Known on the server only: a browser hides a nonce from scripts, and needs it once, while the page is parsed. */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = (): string | undefined => useContext(NonceContext);
