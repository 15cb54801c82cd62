using System.Text.Json;
using Perk.Core;

namespace Perk.Cli.Commands;

/// <summary>The documents of a batch, by files, folders and manifests.</summary>
internal static class BatchManifest
{
    /// <summary>A document.</summary>
    /// <param name="File">Its file; in a manifest beside the manifest, or absolute.</param>
    /// <param name="Name">What it is called: its file's name if not given.</param>
    public sealed record Line(string File, string Name);

    /// <summary>Reads what was named.</summary>
    /// <exception cref="IOException">A path does not exist.</exception>
    /// <exception cref="ArgumentException">A manifest has a line that names no file.</exception>
    public static IReadOnlyList<Line> Of(IEnumerable<string> inputs)
    {
        var lines = new List<Line>();
        foreach (var input in inputs)
        {
            if (input.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) && File.Exists(input)) lines.AddRange(Read(input));
            else lines.AddRange(InputFiles.Of([input]).Select(file => new Line(file, Directory.Exists(input) ? Path.GetRelativePath(input, file) : Path.GetFileName(file))));
        }

        return lines;
    }

    private static IEnumerable<Line> Read(string manifest)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(manifest))!;
        foreach (var (i, text) in File.ReadLines(manifest).Index())
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            Entry? entry;
            try
            {
                entry = JsonSerializer.Deserialize<Entry>(text, Json.Compact);
            }
            catch (JsonException e)
            {
                throw new ArgumentException($"{manifest}, line {i + 1}: it is not JSON: {Excerpt.OfSentence(e.Message)}", e);
            }

            if (entry?.File is not { Length: > 0 } file)
                throw new ArgumentException($"{manifest}, line {i + 1}: it must have the field 'file', such as {{\"file\": \"notes/1.txt\"}}.");
            if (file.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException($"{manifest}, line {i + 1}: no file has a name with U+0000 in it, as '{Excerpt.Of(file)}' has.");
            yield return new Line(Path.Combine(folder, file), entry.Name ?? file);
        }
    }

    private sealed record Entry(string? File, string? Name);
}
