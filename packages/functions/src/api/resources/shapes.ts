import { Info, RequestInfo } from "@lectern/core/identity";
import * as z from "zod";

// What more than one file of operations answers with: by itself, so that none of them brings another's operations along.

export const User = z.object(Info.shape).meta({ id: "User" });

export const RoleRequest = z.object(RequestInfo.shape).meta({ id: "RoleRequest" });
