using System.Text.Json;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>An answered (or failed) question: the blob <c>answers/{collection}/{question id}.json</c>.</summary>
public sealed record StoredAnswer
{
    private const int MostTries = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The form of this record.</summary>
    public int V { get; init; } = 2;

    /// <summary>The question id.</summary>
    public required string Id { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>Whether it was answered.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Why it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>The answer.</summary>
    public string? Answer { get; init; }

    /// <summary>The decoded text as it is.</summary>
    public string? Text { get; init; }

    /// <summary>The lines the model says the answer rests on.</summary>
    public IReadOnlyList<SupportLine> Support { get; init; } = [];

    /// <summary>The mean log-probability of the decoded tokens in nats: nearer to 0 is surer.</summary>
    public double? Score { get; init; }

    /// <summary>The document whose adapter answered.</summary>
    public string? Document { get; init; }

    /// <summary>The adapter that answered.</summary>
    public string? Adapter { get; init; }

    /// <summary>Where several documents were asked: what each answered, the surest first; empty for one.</summary>
    public IReadOnlyList<DocumentAnswer> Documents { get; init; } = [];

    /// <summary>The checkpoint that answered.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Tokens decoded.</summary>
    public int Tokens { get; init; }

    /// <summary>The time its batch took, in seconds.</summary>
    public double AnswerSeconds { get; init; }

    /// <summary>When it was answered.</summary>
    public required DateTimeOffset Answered { get; init; }

    /// <summary>Stores it, unless the question was answered meanwhile: a failure gives way, the first answer stays.</summary>
    /// <exception cref="ObjectLeasedException">Somebody keeps the answer that is there from being replaced.</exception>
    /// <exception cref="MessageFormatException">It is an answer, and another question was answered under its id.</exception>
    public async Task SaveAsync(IObjectStore store, string collection, CancellationToken cancel)
    {
        var (name, json) = (Names.Answer(collection, Id), JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented));
        for (var tries = 1; !await store.TryCreateAsync(name, json, cancel); tries++)
        {
            if (tries > MostTries) throw new ObjectLeasedException(name);
            if (await store.ReadAsync(name, cancel) is not { } found) continue; // removed meanwhile
            if (Json.Read<StoredAnswer>(found.Content) is { Status: JobStatus.Succeeded } first)
            {
                if (Status == JobStatus.Succeeded && first.Question != Question) throw MessageFormatException.For("questions.id", $"the id {Id} is taken: another question was answered under it meanwhile; use another id.");
                return;
            }

            if (await store.TryReplaceAsync(name, json, found.Version, null, cancel) is not null) return;
            await Task.Delay(Pause, cancel);
        }
    }

    /// <summary>Removes what is stored of a question that was not answered, so that nobody takes it for the next try's.</summary>
    public static async Task ForgetFailureAsync(IObjectStore store, string collection, string id, CancellationToken cancel)
    {
        if (await FindAsync(store, collection, id, cancel) is { Status: not JobStatus.Succeeded })
            await store.DeleteAsync(Names.Answer(collection, id), cancel);
    }

    /// <summary>The answer to a question, or null while it has none; a damaged one counts as none.</summary>
    public static async Task<StoredAnswer?> FindAsync(IObjectStore store, string collection, string id, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.Answer(collection, id), cancel) is { } json
        && Json.Read<StoredAnswer>(json) is { } answer && answer.Documents.All(d => d is not null && d.Support.All(line => line is not null)) && answer.Support.All(line => line is not null) ? answer : null;
}

/// <summary>What one document answered.</summary>
/// <param name="Document">The document.</param>
/// <param name="Adapter">Its adapter.</param>
/// <param name="Reason">Why there is no answer; null where there is one.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Text">The decoded text as it is.</param>
/// <param name="Support">The lines it rests on.</param>
/// <param name="Score">The mean log-probability of its tokens in nats.</param>
/// <param name="Tokens">Tokens decoded.</param>
/// <param name="Seconds">The time its batch took.</param>
public sealed record DocumentAnswer(
    string? Document, string Adapter, string? Reason, string? Answer, string? Text, IReadOnlyList<SupportLine> Support, double? Score, int Tokens, double Seconds);
