// `npm run build`: builds what has changed, and prints what the bundles weigh.
import { bundleSizes } from './setup/build.mjs'
import { tell } from './setup/failure.mjs'
import { prepare } from './setup/prepare.mjs'

await tell(async () => {
  await prepare({})
  console.log(bundleSizes())
})
