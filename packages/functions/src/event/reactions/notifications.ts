import { delivery } from "../deliver.ts";
import { registry } from "../notifications.ts";

/** Every mail and every feed entry. */
export const notifications = delivery("notifications", registry);
export const { handler } = notifications;
