/** The request itself cannot be carried to this provider: a 400 in OpenAI's shape that names the field, never its content. */
export class BadRequest extends Error {
  public override readonly name = 'BadRequest';

  public constructor(public readonly param: string | null, message: string) {
    super(message);
  }
}
