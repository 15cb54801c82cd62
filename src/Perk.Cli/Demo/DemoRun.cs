using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Cli.Commands;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Evaluation;
using Perk.Core.Storage;
using Perk.Core.Tasks;

namespace Perk.Cli.Demo;

/// <summary>
/// The main job, once: documents to blob storage and the encode queue, the local host at work, questions to the questions queue, answers from blobs; each
/// question to its own document's adapter and, as a control, to another document's.
/// </summary>
/// <param name="account">The emulator's account.</param>
/// <param name="model">What to encode and answer with.</param>
internal sealed class DemoRun(StorageAccount account, ServedModel model)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly Submission _submission = new(account, model, TimeProvider.System);

    /// <summary>Runs it all; the host is stopped at the end, whatever happens.</summary>
    public async Task<IReadOnlyList<DemoResult>> RunAsync(IReadOnlyList<DemoDocument> documents, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var gate = AcceleratorGate.Create();
        return await EncodeProgressBars.ShowAsync(async bars =>
        {
            var sent = new List<(DemoDocument Document, EncodeMessage Message)>();
            foreach (var document in documents)
                sent.Add((document, await _submission.SendDocumentAsync(Names.DefaultCollection, Encoding.UTF8.GetBytes(document.Problem.Context), document.Title, cancel)));

            var options = new QueueListenerOptions { MaxPollingInterval = TimeSpan.FromMilliseconds(500) };
            var host = new LocalHost(account, model, options, gate, NullLogger.Instance)
            {
                Progress = message => bars.Add(sent.First(s => s.Message.Document == message.Document).Document.Title),
            };
            var working = host.RunAsync(stop.Token);
            try
            {
                var manifests = new List<AdapterManifest>();
                foreach (var (document, message) in sent) manifests.Add(await EncodedAsync(document, message, working, cancel));
                var results = new List<DemoResult>();
                foreach (var (i, (document, message)) in sent.Index())
                {
                    var own = await AnswersAsync(document, message.Document, working, cancel);
                    var others = await AnswersAsync(document, sent[(i + 1) % sent.Count].Message.Document, working, cancel);
                    results.Add(new DemoResult(document, manifests[i], [.. document.Problem.Questions.Select((q, n) => new DemoAnswer(q, own[n], others[n]))]));
                }

                return results;
            }
            finally
            {
                await stop.CancelAsync();
                await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    private async Task<AdapterManifest> EncodedAsync(DemoDocument document, EncodeMessage message, Task host, CancellationToken cancel)
    {
        var result = await WaitAsync(() => JobRecord.FindEndedAsync(account.Objects, message.Collection, message.Job, cancel), host, cancel);
        if (result.Status != JobStatus.Succeeded) throw new DocumentException($"{document.Title}: {result.Reason}");
        return (await new AdapterArchive(account.Objects).FindAsync(message.Collection, Names.AdapterOf(message.Job), cancel))!;
    }

    /// <summary>What the adapter of a document says to the questions about one, in their order.</summary>
    private async Task<IReadOnlyList<StoredAnswer>> AnswersAsync(DemoDocument about, string document, Task host, CancellationToken cancel)
    {
        var sent = await _submission.SendQuestionsAsync(Names.DefaultCollection, document, about.Problem.Questions.Select(q => q.Text), cancel);
        var answers = new List<StoredAnswer>();
        foreach (var question in sent.Questions)
            answers.Add(await WaitAsync(() => StoredAnswer.FindAsync(account.Objects, Names.DefaultCollection, question.Id, cancel), host, cancel));
        return answers;
    }

    /// <summary>Waits for a blob, but not for a host that has died.</summary>
    private static async Task<T> WaitAsync<T>(Func<Task<T?>> find, Task host, CancellationToken cancel)
        where T : class
    {
        var found = Polling.UntilAsync(find, Stopwatch.StartNew(), Patience, cancel);
        if (await Task.WhenAny(found, host) == host) await host;
        return await found ?? throw new DocumentException($"There was no result within {Patience.TotalMinutes} minutes.");
    }
}

/// <summary>What the demo shows of one document.</summary>
/// <param name="Document">The document.</param>
/// <param name="Manifest">Its adapter.</param>
/// <param name="Answers">The answers, one for each question.</param>
internal sealed record DemoResult(DemoDocument Document, AdapterManifest Manifest, IReadOnlyList<DemoAnswer> Answers);

/// <summary>A question, and what was answered.</summary>
/// <param name="Question">The question, with what is right.</param>
/// <param name="Own">What the document's adapter answers.</param>
/// <param name="Other">What another document's adapter answers.</param>
internal sealed record DemoAnswer(ProblemQuestion Question, StoredAnswer Own, StoredAnswer Other)
{
    /// <summary>Whether the document's adapter is right.</summary>
    public bool Right => IsRight(Own);

    /// <summary>Whether the other document's is.</summary>
    public bool OtherRight => IsRight(Other);

    private bool IsRight(StoredAnswer answer) => AnswerScore.Of(answer.Answer ?? "", Question.Answers).ExactMatch;
}
