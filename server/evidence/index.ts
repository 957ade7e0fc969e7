export { inspect, isShownImage, plainName, savedName } from './file-type.ts'
export { maskRequest } from './masking.ts'
