/** When the stories of these tests are told. */
export const at = '2026-01-05T09:00:00.000Z'
