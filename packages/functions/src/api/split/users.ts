import { peopleEndpoints } from "../resources/people.ts";
import { serve } from "./split.ts";

export const endpoints = [peopleEndpoints];
export const handler = serve("/users", ...endpoints);
