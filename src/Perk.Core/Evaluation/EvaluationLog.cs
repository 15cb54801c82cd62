using System.Text.Json;
using System.Text.Json.Nodes;

namespace Perk.Core.Evaluation;

/// <summary>
/// The answers of a run, in memory and, where a folder is given, in its files: <c>run.json</c> says what was asked,
/// <c>problems.jsonl</c> has a row a question and method, <c>contexts.jsonl</c> a line a context whose rows are all there.
/// </summary>
public sealed class EvaluationLog
{
    /// <summary>The file of rows.</summary>
    public const string RowsFile = "problems.jsonl";

    private const string RunFile = "run.json", ContextsFile = "contexts.jsonl";

    private readonly string? _folder;
    private readonly List<EvaluationRow> _rows = [];
    private readonly List<EvaluatedContext> _contexts = [];

    private EvaluationLog(string? folder) => _folder = folder;

    /// <summary>Every row.</summary>
    public IReadOnlyList<EvaluationRow> Rows => _rows;

    /// <summary>Every context that is done.</summary>
    public IReadOnlyList<EvaluatedContext> Contexts => _contexts;

    /// <summary>A log in memory.</summary>
    public static EvaluationLog InMemory() => new(null);

    /// <summary>A log in memory that goes on from what was kept elsewhere.</summary>
    /// <param name="contexts">The contexts that are done.</param>
    /// <param name="rows">Their rows.</param>
    internal static EvaluationLog InMemory(IEnumerable<EvaluatedContext> contexts, IEnumerable<EvaluationRow> rows)
    {
        var log = InMemory();
        log._contexts.AddRange(contexts);
        log._rows.AddRange(rows);
        return log;
    }

    /// <summary>Opens a folder, new or of the same run, whose contexts are kept; what an interrupted run left half is dropped.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="run">What is asked: everything that decides a row.</param>
    /// <exception cref="ArgumentException">The folder holds another run; the message names what differs.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static EvaluationLog Open(string folder, JsonObject run)
    {
        Directory.CreateDirectory(folder);
        var log = new EvaluationLog(folder);
        var path = log.PathOf(RunFile);
        if (File.Exists(path))
        {
            RequireSame(folder, Parse<JsonObject>(path, File.ReadAllText(path)), run);
            log.Load(mend: true);
        }
        else
        {
            if (File.Exists(log.PathOf(RowsFile)))
                throw new ArgumentException($"Folder '{folder}' holds {RowsFile} but no {RunFile}; name another folder with --out.");
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(run, Json.Indented));
        }

        return log;
    }

    /// <summary>The rows of a finished or unfinished run.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="IOException">There are none, or a line is damaged.</exception>
    public static IReadOnlyList<EvaluationRow> ReadRows(string folder)
    {
        var log = new EvaluationLog(folder);
        if (!File.Exists(log.PathOf(RowsFile))) throw new IOException($"Folder '{folder}' holds no {RowsFile}; name the --out folder of an earlier run.");
        log.Load(mend: false);
        return log.Rows;
    }

    /// <summary>Whether a context is done.</summary>
    public bool Holds(int draw) => _contexts.Any(c => c.Context == draw);

    /// <summary>Adds a context with all its rows.</summary>
    public void Add(EvaluatedContext context, IReadOnlyList<EvaluationRow> rows)
    {
        if (_folder is not null)
        {
            // The context's line is what makes its rows count, so it comes last.
            Append(RowsFile, rows);
            Append(ContextsFile, [context]);
        }

        _rows.AddRange(rows);
        _contexts.Add(context);
    }

    private static void RequireSame(string folder, JsonObject before, JsonObject now)
    {
        foreach (var name in before.Select(p => p.Key).Union(now.Select(p => p.Key), StringComparer.Ordinal))
        {
            if (JsonNode.DeepEquals(before[name], now[name])) continue;
            throw new ArgumentException(
                $"Folder '{folder}' holds another run: {name} is {before[name]?.ToJsonString(Json.Compact) ?? "absent"} there and "
                + $"{now[name]?.ToJsonString(Json.Compact) ?? "absent"} here. Name another folder with --out, or the same options.");
        }
    }

    private void Load(bool mend)
    {
        var rows = Lines<EvaluationRow>(RowsFile).DistinctBy(r => (r.Key, r.Method)).ToLookup(r => r.Context);
        _contexts.AddRange(Lines<EvaluatedContext>(ContextsFile).DistinctBy(c => c.Context).Where(c => rows.Contains(c.Context)));
        _rows.AddRange(_contexts.SelectMany(c => rows[c.Context]));
        if (!mend) return;

        // Rows of a context that was not finished would come twice.
        AtomicFile.Write(PathOf(RowsFile), Bytes(_rows));
        AtomicFile.Write(PathOf(ContextsFile), Bytes(_contexts));
    }

    private IEnumerable<T> Lines<T>(string file)
    {
        var path = PathOf(file);
        if (!File.Exists(path)) yield break;
        var text = File.ReadAllText(path);
        var lines = text.Split('\n');
        // A line without its end was being written when the process was killed.
        for (var i = 0; i < lines.Length - 1; i++) yield return Parse<T>($"{path}:{i + 1}", lines[i]);
    }

    private static T Parse<T>(string where, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json.Compact) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new IOException($"{where} is damaged: {e.Message}", e);
        }
    }

    private static byte[] Bytes<T>(IEnumerable<T> rows)
    {
        using var stream = new MemoryStream();
        foreach (var row in rows)
        {
            JsonSerializer.Serialize(stream, row, Json.Compact);
            stream.WriteByte((byte)'\n');
        }

        return stream.ToArray();
    }

    private void Append<T>(string file, IEnumerable<T> rows)
    {
        using var stream = new FileStream(PathOf(file), FileMode.Append);
        stream.Write(Bytes(rows));
        stream.Flush(flushToDisk: true);
    }

    private string PathOf(string file) => Path.Combine(_folder!, file);
}
