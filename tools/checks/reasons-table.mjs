// docs/reasons.md is held to the two tables in libs/protocol. `node tools/checks/reasons-table.mjs --fix` writes it anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { failures, reasons } from '../../libs/protocol/dist/index.js'
import { inRoot } from '../setup/places.mjs'

const page = inRoot('docs/reasons.md')

const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const ends = table(
  ['name', 'code', 'subCode', 'due to', 'again?', 'what it says', 'the others are told'],
  Object.entries(reasons).map(([name, end]) => [
    `\`${name}\``,
    end.code,
    end.subCode,
    end.by,
    end.mayRetry ? 'yes' : 'no',
    end.says,
    `\`${end.others}\``,
  ]),
)

const refusals = table(
  ['name', 'code', 'subCode', 'HTTP', 'again?', 'what it says'],
  Object.entries(failures).map(([name, refusal]) => [
    `\`${name}\``,
    refusal.code,
    refusal.subCode,
    refusal.http,
    refusal.mayRetry ? 'yes' : 'no',
    refusal.says,
  ]),
)

const text = `# Ends and refusals

Made from \`libs/protocol/src/reasons.ts\` and \`failures.ts\`; \`npm run check\` compares.

## Why a call ends

\`call.callEndReason\` carries \`code\`, \`subCode\` and \`message\`. The numbers are those of ACS, so that code which
looks at them goes on working. Where a 1:1 call ends because one side left, the other side is told what the last column
names.

${ends}

## Why a request is refused

A refusal changes nothing. The SDK throws it as an error with \`code\`, \`subCode\` and \`message\`; on the socket it is
the \`error\` of the one reply, with the \`path\` of the field that was wrong.

${refusals}
`

if (process.argv.includes('--fix')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.log('docs/reasons.md is not what the tables say. Run: node tools/checks/reasons-table.mjs --fix')
  process.exitCode = 1
}
