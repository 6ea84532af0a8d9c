// Writes FILE.br and FILE.gz beside each file that is named: the copies that
// the server sends. Compressing this hard takes too long to do for each request.
import { readFileSync, writeFileSync } from "node:fs"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"

for (const name of process.argv.slice(2)) {
  const content = readFileSync(name)
  const hard = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
  writeFileSync(name + ".br", brotliCompressSync(content, { params: hard }))
  writeFileSync(name + ".gz", gzipSync(content, { level: 9 }))
}
