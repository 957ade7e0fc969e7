/** What Alertmanager's clients (amtool 0.25 and later, karma) need of `GET /api/v2/status`. We stand for a cluster of one. */
export function statusOf(startedAt: number, version: string): object {
  return {
    cluster: { name: 'uxbridge', status: 'ready', peers: [] },
    versionInfo: { branch: '', buildDate: '', buildUser: '', goVersion: '', revision: '', version },
    config: { original: 'route:\n  receiver: uxbridge\nreceivers:\n- name: uxbridge\n' },
    uptime: new Date(startedAt).toISOString(),
  }
}
