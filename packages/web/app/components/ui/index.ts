/** The controls every page is built from. `packages/web/README.md` shows each in use. */
export { Avatar } from "./avatar.tsx";
export { Badge, Notice, type Tone } from "./badge.tsx";
export { Button, ButtonLink, buttonClass, SubmitButton } from "./button.tsx";
export { Chips } from "./chips.tsx";
export { ConfirmForm } from "./confirm.tsx";
export { Dialog } from "./dialog.tsx";
export { EmptyState } from "./empty-state.tsx";
export { Facts } from "./facts.tsx";
export { Checkbox, Choice, Field, FieldError, Select, TextArea } from "./field.tsx";
export { Form, type FormState, fieldProps, stateOf } from "./form.tsx";
export { Icon, type IconName } from "./icon.tsx";
export { Menu, menuItemClass } from "./menu.tsx";
export { Breadcrumbs, type Crumb, PageHeader, Section } from "./page-header.tsx";
export { Pagination } from "./pagination.tsx";
export { Progress } from "./progress.tsx";
export { type Column, List, Table } from "./table.tsx";
export { Tabs } from "./tabs.tsx";
export { Duration, When } from "./when.tsx";
