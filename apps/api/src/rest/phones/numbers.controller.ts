/** Numbers of the resource: what its calls may show, and who gets the calls to them. The doors are ours. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query, UseGuards } from '@nestjs/common'
import { ApiQuery } from '@nestjs/swagger'
import { Describes } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { SignedRequestGuard } from '../signed-request.guard.ts'
import { NumberBody, NumberList, NumberModel, numberModelOf } from './number-messages.ts'
import { Numbers } from './numbers.ts'

@Controller('phones/numbers')
@UseGuards(SignedRequestGuard)
export class NumbersController {
  constructor(@Inject(Numbers) private readonly numbers: Numbers) {}

  @Get()
  @ApiQuery({ name: 'after', required: false, type: String, description: 'Where a former page ended' })
  @Describes('Lists the numbers in their order', undefined, [200, NumberList])
  async list(@Query('after') after?: unknown): Promise<NumberList> {
    const { items, last } = await this.numbers.list(after === undefined ? undefined : String(after))
    const value = items.map(numberModelOf)
    if (last === undefined) return { value }
    return { value, nextLink: `/phones/numbers?${new URLSearchParams({ after: last.number }).toString()}` }
  }

  @Get(':number')
  @Describes('Shows a number', undefined, [200, NumberModel])
  async show(@Param('number') number: string): Promise<NumberModel> {
    return numberModelOf(await this.numbers.find(number))
  }

  @Put(':number')
  @Describes('Settles who gets the calls to a number, and which trunks may show it', NumberBody, [200, NumberModel])
  async settle(
    @Param('number') number: string,
    @Body(new JsonBody(NumberBody)) body: NumberBody,
  ): Promise<NumberModel> {
    return numberModelOf(await this.numbers.settle(number, body))
  }

  @Delete(':number')
  @HttpCode(204)
  @Describes('Takes a number away', undefined, [204])
  async delete(@Param('number') number: string): Promise<void> {
    await this.numbers.delete(number)
  }
}
