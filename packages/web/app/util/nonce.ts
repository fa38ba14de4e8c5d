import { createContext, useContext } from "react";

/** Server only: browsers hide nonces from scripts and need them only while parsing. */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = (): string | undefined => useContext(NonceContext);
