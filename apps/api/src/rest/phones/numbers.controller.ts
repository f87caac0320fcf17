/** Numbers of the resource: what its calls may show, and who gets the calls to them. The doors are ours. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common'
import { ApiQuery } from '@nestjs/swagger'
import { Describes, Refuses } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { NumberBody, NumberList, NumberModel, numberModelOf } from './number-messages.ts'
import { Numbers } from './numbers.ts'

const malformed = { 400: 'The number, or what is said of it, cannot be read.' }
const noSuchNumber = { 404: 'There is no such number.' }

@Controller('phones/numbers')
@Signed()
export class NumbersController {
  constructor(@Inject(Numbers) private readonly numbers: Numbers) {}

  @Get()
  @Refuses(malformed)
  @ApiQuery({ name: 'after', required: false, type: String, description: 'Where a former page ended' })
  @Describes('Lists the numbers in their order', undefined, [200, NumberList])
  async list(@Query('after') after?: unknown): Promise<NumberList> {
    const { items, last } = await this.numbers.list(after === undefined ? undefined : String(after))
    const value = items.map(numberModelOf)
    if (last === undefined) return { value }
    return { value, nextLink: `/phones/numbers?${new URLSearchParams({ after: last.number }).toString()}` }
  }

  @Get(':number')
  @Refuses({ ...malformed, ...noSuchNumber })
  @Describes('Shows a number', undefined, [200, NumberModel])
  async show(@Param('number') number: string): Promise<NumberModel> {
    return numberModelOf(await this.numbers.find(number))
  }

  @Put(':number')
  @Refuses(malformed)
  @Describes('Settles who gets the calls to a number, and which trunks may show it', NumberBody, [200, NumberModel])
  async settle(
    @Param('number') number: string,
    @Body(new JsonBody(NumberBody)) body: NumberBody,
  ): Promise<NumberModel> {
    return numberModelOf(await this.numbers.settle(number, body))
  }

  @Delete(':number')
  @Refuses({ ...malformed, ...noSuchNumber, 409: 'The number comes from SIP_NUMBERS and is taken away there.' })
  @HttpCode(204)
  @Describes('Takes a number away', undefined, [204])
  async delete(@Param('number') number: string): Promise<void> {
    await this.numbers.delete(number)
  }
}
