/**
 * A carrier: kamailio, a registrar and proxy that asks everybody for a password, over UDP, TCP and TLS. Whoever has
 * registered by a number is called by it; numbers that begin with a prefix go to an account.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../ports.ts'
import { isRunning, descendants } from '../processes.ts'
import { soonMs, until, within } from '../until.ts'

export type Carrier = {
  /** Passwords by user. */
  users: Readonly<Record<string, string>>
  /** Which account gets the calls to numbers that begin so. */
  inbound: Readonly<Record<string, string>>
  tls: { key: string; certificate: string }
  /** Telephones that are wired to it: the UDP ports on which they are found, by number. All others have to register. */
  lines?: Readonly<Record<string, number>>
  /** So long a nonce of its is good; longer than any test when absent. */
  nonceS?: number
  /** Accounts that have to register for so many seconds at least: 423 with Min-Expires. It grants less all the same. */
  leastS?: Readonly<Record<string, number>>
  /** The port over which others reach it by TCP, where that is not its own: what it says of itself in Record-Route. */
  reachedAt?: number
}

/** Why it did not take a REGISTER: its nonce was too old, or it asked for too short a time. */
type Refusal = 'stale' | 'brief'

/** The realm of its challenges. */
const realm = 'pbx.test'
const stopLimitMs = 10_000

export class Kamailio {
  /** Where it is heard over UDP and TCP; TLS is one above. */
  readonly port: number
  readonly #folder: string
  #process: ChildProcess | undefined
  #log = ''

  static async start(carrier: Carrier): Promise<Kamailio> {
    const kamailio = new Kamailio(carrier, await freePorts(2))
    await kamailio.startAgain()
    return kamailio
  }

  private constructor(carrier: Carrier, port: number) {
    this.port = port
    this.#folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'kamailio-'))
    writeFileSync(join(this.#folder, 'key.pem'), carrier.tls.key)
    writeFileSync(join(this.#folder, 'certificate.pem'), carrier.tls.certificate)
    writeFileSync(join(this.#folder, 'tls.cfg'), tlsOf(this.#folder))
    writeFileSync(join(this.#folder, 'kamailio.cfg'), configOf(this.#folder, port, carrier))
  }

  get tlsPort(): number {
    return this.port + 1
  }

  /** Starts with nobody registered, after goes(). */
  async startAgain(): Promise<void> {
    const args = ['-DD', '-E', '-f', 'kamailio.cfg', '-Y', this.#folder, '-m', '32', '-M', '8']
    const child = spawn('kamailio', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    const before = this.#log.length
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    }
    await until('start of kamailio', () => {
      if (child.exitCode !== null) throw new Error(`kamailio ended:\n${this.#log.slice(-3000)}`)
      return this.#log.includes('is ready', before) ? { found: true } : { sawOnly: this.#log.slice(-500) }
    })
  }

  /** Waits until an account registers the next time, or so many times. */
  async registers(user: string, times = 1, limitMs = soonMs): Promise<void> {
    const before = this.#timesSaid(`registered ${user}`)
    await until(
      `registration of ${user}, ${times} times`,
      () =>
        this.#timesSaid(`registered ${user}`) >= before + times ? { found: true } : { sawOnly: this.#log.slice(-500) },
      limitMs,
    )
  }

  /** How often an account has registered that was not, or was not any more. */
  timesNew(user: string): number {
    return this.#timesSaid(`registered ${user} anew`)
  }

  /** How often a REGISTER of an account was not taken. */
  timesRefused(user: string, why: Refusal): number {
    return this.#timesSaid(`${why} ${user}`)
  }

  /** Stops it, with all that it has started. */
  async stops(): Promise<void> {
    const child = this.#process
    if (child?.pid === undefined || child.exitCode !== null) return
    const family = descendants(child.pid)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await within(stopLimitMs, 'end of kamailio', exited)
    await until('end of all that kamailio had started', () => {
      const left = family.filter(isRunning)
      return left.length === 0 ? { found: true } : { sawOnly: left.map(({ name }) => name).join() }
    })
    this.#process = undefined
  }

  async goes(): Promise<void> {
    await this.stops()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #timesSaid(what: string): number {
    return this.#log.split(`${what} `).length - 1
  }
}

function tlsOf(folder: string): string {
  return `[server:default]
method = TLSv1.2+
private_key = ${folder}/key.pem
certificate = ${folder}/certificate.pem
verify_certificate = no
require_certificate = no

[client:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
`
}

function configOf(folder: string, port: number, carrier: Carrier): string {
  const { users, inbound, lines = {}, nonceS = 300, leastS = {}, reachedAt } = carrier
  const modules = 'kex corex tm tmx sl rr pv maxfwd textops siputils sanity xlog usrloc registrar auth path htable tls'
  return `
debug=1
log_stderror=yes
children=1
tcp_children=1
alias="${realm}"
alias="udp.pbx.test"
alias="tcp.pbx.test"
alias="tls.pbx.test"
listen=udp:127.0.0.1:${port}
listen=tcp:127.0.0.1:${port}${reachedAt === undefined ? '' : ` advertise 127.0.0.1:${reachedAt}`}
listen=tls:127.0.0.1:${port + 1}
enable_tls=yes
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
${modules
  .split(' ')
  .map((name) => `loadmodule "${name}.so"`)
  .join('\n')}
modparam("htable","htable","users=>size=4;")
modparam("auth","qop","auth")
modparam("auth","algorithm","MD5")
modparam("auth","nonce_expire",${nonceS})
modparam("registrar","use_path",1)
# So short that a test sees how it is done again.
modparam("registrar","min_expires",2)
modparam("registrar","max_expires",4)
modparam("usrloc","db_mode",0)
modparam("tls","config","${folder}/tls.cfg")

event_route[htable:mod-init] {
${Object.entries(users)
  .map(([user, password]) => `  $sht(users=>${user}) = "${password}";`)
  .join('\n')}
}

event_route[core:worker-one-init] {
  xlog("L_ERR", "kamailio is ready\\n");
}

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483","Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) { t_relay(); }
    exit;
  }
  if (is_method("OPTIONS")) { sl_send_reply("200","OK"); exit; }
  $var(password) = $sht(users=>$au);
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${realm}","$var(password)","0")) {
      # The nonce has expired: the challenge says stale=true.
      if ($rc == -4) { xlog("L_ERR", "stale $au \\n"); www_challenge("${realm}","17"); }
      else www_challenge("${realm}","1");
      exit;
    }
    consume_credentials();
${Object.entries(leastS)
  .map(([user, seconds]) => tooBrief(user, seconds))
  .join('\n')}
    if (registered("location","$tu")) $var(was) = "again"; else $var(was) = "anew";
    save("location");
    xlog("L_ERR", "registered $au $var(was) \\n");
    exit;
  }
  if (!pv_proxy_authenticate("${realm}","$var(password)","0")) { proxy_challenge("${realm}","1"); exit; }
  consume_credentials();
  record_route();
  $var(number) = $rU;
${Object.entries(inbound)
  .map(([prefix, user]) => `  if ($rU =~ "^\\${prefix}") { $rU = "${user}"; }`)
  .join('\n')}
${Object.entries(lines)
  .map(([number, at]) => `  if ($rU == "${number}") { $ru = "sip:${number}@127.0.0.1:${at}"; t_relay(); exit; }`)
  .join('\n')}
  $rd = "${realm}";
  $var(called) = $rU;
  if (!lookup("location")) { sl_send_reply("480","Temporarily Unavailable"); exit; }
  # An account without a number of its own is told which one was called.
  if (!($var(called) =~ "^\\+")) { $rU = $var(number); }
  t_relay();
}
`
}

function tooBrief(user: string, seconds: number): string {
  return `    if ($au == "${user}" && $(hdr(Expires){s.int}) > 0 && $(hdr(Expires){s.int}) < ${seconds}) {
      append_to_reply("Min-Expires: ${seconds}\\r\\n");
      sl_send_reply("423","Interval Too Brief");
      xlog("L_ERR", "brief $au \\n");
      exit;
    }`
}
