import { Info, RequestInfo } from "@lectern/core/people/identity";
import * as z from "zod";

// Schemas shared by several resources, in their own file so that no resource loads another's operations.

export const User = z.object(Info.shape).meta({ id: "User" });

export const RoleRequest = z.object(RequestInfo.shape).meta({ id: "RoleRequest" });
