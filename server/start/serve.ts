// The server alone, for where the board is already built: an image, `npm run dev`, a test.
import { main } from '#server/main.ts'

await main(process.env)
