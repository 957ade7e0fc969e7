export { makeAlertmanagerPicture } from './alertmanager.ts'
export { type LivePicture, makePicture, type Shown } from './picture.ts'
export type { AlertmanagerPicture, Picture } from './port.ts'
export type { Names } from './views.ts'
