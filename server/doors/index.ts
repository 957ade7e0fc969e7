export { type AdminDoor, adminAddress, openAdminDoor } from './admin.ts'
export { type ApiParts, makeHttpDoor, serverLimits } from './http.ts'
export { listen, StartRefused } from './listen.ts'
export { beatEveryMs, makeSocketDoor } from './live/socket.ts'
