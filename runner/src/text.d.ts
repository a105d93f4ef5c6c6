/** Owns what importing a Python file means here: its text. */

declare module "*.py" {
  const text: string;
  export default text;
}
