using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Cli.Commands;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Cli.Demo;

/// <summary>
/// The main job, once: documents to blob storage and the encode queue, the local host at work, questions to the questions queue,
/// answers from blobs; then what the adapters remember, measured.
/// </summary>
/// <param name="account">The emulator's account.</param>
/// <param name="source">The checkpoint to load.</param>
/// <param name="checkpoint">The same, loaded.</param>
/// <param name="encoding">The encoding options.</param>
/// <param name="seed">Decides the resamples of the intervals.</param>
internal sealed class DemoRun(StorageAccount account, CheckpointSource source, Checkpoint checkpoint, EncodingOptions encoding, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private readonly Submission _submission = new(account, source, encoding, TimeProvider.System);

    /// <summary>Runs it all; the host is stopped at the end, whatever happens.</summary>
    public async Task<IReadOnlyList<DemoResult>> RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var gate = AcceleratorGate.Create();
        return await EncodeProgressBars.ShowAsync(async bars =>
        {
            var sent = new List<(DemoDocument Document, EncodeMessage Message)>();
            foreach (var document in DemoDocument.All)
                sent.Add((document, await _submission.SendDocumentAsync(Names.DefaultCollection, DemoDocument.Read(document.File), document.File, cancel)));

            var options = new QueueListenerOptions { MaxPollingInterval = TimeSpan.FromMilliseconds(500) };
            var host = new LocalHost(account, checkpoint, encoding, options, gate, NullLogger.Instance)
            {
                Progress = message => bars.Add(sent.Single(s => s.Message.Document == message.Document).Document.Title),
            };
            var working = host.RunAsync(stop.Token);
            try
            {
                var results = new List<DemoResult>();
                foreach (var (document, message) in sent) results.Add(await FollowAsync(document, message, working, gate, cancel));
                return results;
            }
            finally
            {
                await stop.CancelAsync();
                await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    private async Task<DemoResult> FollowAsync(DemoDocument document, EncodeMessage message, Task host, SemaphoreSlim gate, CancellationToken cancel)
    {
        var result = await WaitAsync(() => JobResult.FindAsync(account.Objects, message.Collection, message.Job, cancel), host, cancel);
        if (result.Status != JobStatus.Succeeded) throw new DocumentException($"{document.Title}: {result.Reason}");

        var questions = await _submission.SendQuestionsAsync(message.Collection, message.Document, document.Questions, cancel);
        var answers = new List<StoredAnswer>();
        foreach (var question in questions.Questions)
            answers.Add(await WaitAsync(() => StoredAnswer.FindAsync(account.Objects, message.Collection, question.Id, cancel), host, cancel));

        var archive = new AdapterArchive(account.Objects);
        var manifest = (await archive.FindAsync(message.Collection, Names.AdapterOf(message.Job), cancel))!;
        using var adapter = await archive.LoadAsync(manifest, checkpoint, cancel);
        var fall = await gate.RunAsync(
            () => LossFall.Measure(checkpoint.Model, adapter, Segments(document.File), Segments(document.ControlFile), seed, cancel), cancel);
        return new DemoResult(document, manifest, fall, answers);
    }

    private IReadOnlyList<TokenSegment> Segments(string file)
    {
        var encoder = new DocumentEncoder(checkpoint, encoding);
        return encoder.TokenSegments(encoder.Segments(TextDecoder.Decode(DemoDocument.Read(file)).Text));
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
/// <param name="Fall">What the adapter does to the loss, on its text and on the control.</param>
/// <param name="Answers">The answers.</param>
internal sealed record DemoResult(DemoDocument Document, AdapterManifest Manifest, LossFall Fall, IReadOnlyList<StoredAnswer> Answers);
