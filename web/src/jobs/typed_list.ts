/** "Ayşe, katip\n, " -> ["Ayşe", "katip"], each once. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(/[,;\n]/).map((each) => each.trim()).filter(Boolean))];
}
