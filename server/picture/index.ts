export { type LivePicture, makePicture, type Shown } from './picture.ts'
export type { Picture } from './port.ts'
export type { Names } from './views.ts'
