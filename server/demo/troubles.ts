/** How a trouble's alerts reach us. */
export type Door = 'prometheus' | 'alertmanager' | 'pagerduty'

/** Something that goes wrong in the demo's shop: which alerts it fires, how fast it spreads, and how long it lasts. */
export interface Trouble {
  service: string
  door: Door
  severity: 'critical' | 'error' | 'warning'
  alerts: readonly { alertname: string; summary: string; description: string }[]
  /** Each alert fires on up to so many instances. */
  instances: number
  /** One more of its alerts fires about so often, s. */
  spreadS: number
  /** How long it goes on after the first alert, s: from, to. */
  lastsS: readonly [number, number]
}

const alert = (alertname: string, summary: string, description: string) => ({ alertname, summary, description })

/** In this order the first ones open the scene; later ones are drawn. */
export const troubles: readonly Trouble[] = [
  {
    service: 'checkout',
    door: 'prometheus',
    severity: 'critical',
    alerts: [
      alert(
        'CheckoutErrorsHigh',
        'Checkout refuses 18 % of orders',
        'More than 5 % of POST /orders answer 5xx for two minutes.',
      ),
      alert(
        'CheckoutLatencyHigh',
        'Checkout answers in 4.2 s (p99)',
        'The 99th percentile of POST /orders is above 2 s.',
      ),
      alert('CheckoutPoolExhausted', 'No free database connections', 'All 80 connections to orders-db are taken.'),
    ],
    instances: 4,
    spreadS: 7,
    lastsS: [150, 240],
  },
  {
    service: 'search',
    door: 'alertmanager',
    severity: 'warning',
    alerts: [
      alert(
        'SearchReplicaLag',
        'A search replica is 90 s behind',
        'Results miss articles changed in the last minutes.',
      ),
      alert(
        'SearchHeapPressure',
        'Search nodes collect garbage half of the time',
        'Old generation above 92 % after collection.',
      ),
    ],
    instances: 3,
    spreadS: 11,
    lastsS: [110, 200],
  },
  {
    service: 'invoices',
    door: 'pagerduty',
    severity: 'warning',
    alerts: [
      alert('InvoiceRunLate', 'The nightly invoice run is 40 min late', 'Batch 3 of 7 waits for the tax service.'),
    ],
    instances: 1,
    spreadS: 30,
    lastsS: [90, 160],
  },
  {
    service: 'sign-in',
    door: 'prometheus',
    severity: 'critical',
    alerts: [
      alert(
        'SignInFailuresHigh',
        'Four times more failed sign-ins than usual',
        'Failed sign-ins from 2,300 addresses in ten minutes.',
      ),
      alert('TokenServiceSlow', 'Tokens take 3 s to issue', 'The key store answers slowly.'),
    ],
    instances: 3,
    spreadS: 9,
    lastsS: [140, 230],
  },
  {
    service: 'edge-proxy',
    door: 'alertmanager',
    severity: 'error',
    alerts: [
      alert(
        'EdgeHandshakeErrors',
        'TLS handshakes fail in two regions',
        'The intermediate certificate is missing on some nodes.',
      ),
      alert('EdgeNodeDown', 'An edge node does not answer', 'Health checks fail for one minute.'),
    ],
    instances: 6,
    spreadS: 5,
    lastsS: [120, 200],
  },
  {
    service: 'image-resizer',
    door: 'prometheus',
    severity: 'warning',
    alerts: [
      alert('ResizeQueueLong', 'Pictures wait 12 min to be resized', 'Two of five workers crash on animated pictures.'),
    ],
    instances: 2,
    spreadS: 15,
    lastsS: [80, 140],
  },
  {
    service: 'orders-db',
    door: 'prometheus',
    severity: 'critical',
    alerts: [
      alert(
        'ReplicationBroken',
        'The standby of orders-db stopped',
        'Replication slot is inactive; the log grows 2 GB a minute.',
      ),
      alert('DiskWillFillIn4h', 'The log volume is full in four hours', 'Predicted from the last hour.'),
    ],
    instances: 2,
    spreadS: 20,
    lastsS: [160, 260],
  },
  {
    service: 'card-gateway',
    door: 'pagerduty',
    severity: 'critical',
    alerts: [
      alert(
        'AcquirerTimeouts',
        'The card acquirer times out',
        'One of two acquirers answers after 9 s; retries hide most of it.',
      ),
    ],
    instances: 2,
    spreadS: 20,
    lastsS: [100, 190],
  },
  {
    service: 'message-bus',
    door: 'alertmanager',
    severity: 'error',
    alerts: [
      alert('ConsumerLag', 'order-mailer is 48,000 messages behind', 'The group rebalances every few seconds.'),
      alert('BrokerDiskSlow', 'Broker 3 flushes in 900 ms', 'Its disk reports corrected errors.'),
    ],
    instances: 3,
    spreadS: 10,
    lastsS: [110, 180],
  },
  {
    service: 'catalogue',
    door: 'prometheus',
    severity: 'warning',
    alerts: [alert('CatalogueCacheCold', 'Half of the article pages miss the cache', 'Since the release of 10:40.')],
    instances: 4,
    spreadS: 8,
    lastsS: [90, 150],
  },
  {
    service: 'recommendations',
    door: 'pagerduty',
    severity: 'warning',
    alerts: [alert('ModelStale', 'Recommendations are three days old', 'The training job was killed for memory.')],
    instances: 1,
    spreadS: 30,
    lastsS: [70, 120],
  },
  {
    service: 'newsletter',
    door: 'alertmanager',
    severity: 'warning',
    alerts: [alert('BounceRateHigh', '7 % of the newsletter bounces', 'One large mail provider defers us.')],
    instances: 1,
    spreadS: 30,
    lastsS: [70, 130],
  },
]
