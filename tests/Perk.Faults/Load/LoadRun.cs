using System.Diagnostics;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Faults.Crashes;

namespace Perk.Faults.Load;

/// <summary>Many small documents and questions through one host: its memory must stay flat.</summary>
/// <param name="documents">Documents of a few lines.</param>
/// <param name="questions">Questions to each, in one message.</param>
/// <param name="seed">Decides the documents.</param>
/// <param name="mostGrowth">How many times its memory of the second fifth of the time the host may have in the last fifth.</param>
internal sealed class LoadRun(int documents, int questions, int seed, double mostGrowth)
{
    private const int CacheMiB = 32; // Full soon, so that what grows after it is no cache.

    /// <summary>Runs it.</summary>
    /// <param name="tell">Told what happens.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<LoadReport> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        await using var world = await World.StartAsync(inMemory: true, null, cancel);
        var submission = new Submission(world.Account, ServedModel.From(World.Source, World.Encoding), TimeProvider.System);
        string[] asked = [.. Enumerable.Range(0, questions).Select(i => $"Where is {Crashes.Documents.Names[i % Crashes.Documents.Names.Length]}{(i < Crashes.Documents.Names.Length ? "" : $" the {i}th")}?")];
        for (var i = 0; i < documents; i++)
        {
            var sent = await submission.SendDocumentAsync(World.Collection, Crashes.Documents.Draw(seed, i, (3, 12)), $"page-{i}.txt", cancel);
            if (asked.Length > 0) await submission.SendQuestionsAsync(World.Collection, sent.Document, asked, cancel);
        }

        tell($"{documents} documents and {documents * questions} questions are submitted.");
        var clock = Stopwatch.StartNew();
        var memory = new List<double>();
        await using var host = new HostProcess(world, 0, tries: 5, losesMessages: false, CacheMiB);
        var jobs = documents * (asked.Length > 0 ? 2 : 1);
        int left;
        do
        {
            await Task.Delay(1000, cancel);
            host.Process.Refresh();
            memory.Add(host.Process.WorkingSet64 / 1048576.0);
            left = 0;
            foreach (var queue in new[] { Names.EncodeQueue, Names.QuestionsQueue })
                left += (await world.Account.Queue(queue).GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount;
            if (memory.Count % 15 == 0) tell(FormattableString.Invariant($"{left} of {jobs} messages are left; {memory[^1]:0} MiB."));
        }
        while (left > 0 && !host.Process.HasExited);
        var seconds = clock.Elapsed.TotalSeconds;

        var faults = new List<string>();
        await foreach (var job in new JobCatalog(world.Account.Objects).ListAsync(new JobFilter(World.Collection), cancel))
            if (job.Status != JobStatus.Succeeded) faults.Add($"{job.Job} is {job.Status}: {job.Reason}");
        var (early, late) = (Mean(memory, 0.2, 0.4), Mean(memory, 0.8, 1));
        if (late > mostGrowth * early) faults.Add(FormattableString.Invariant($"memory grew from {early:0} to {late:0} MiB"));
        return new LoadReport(documents, documents * questions, seconds, early, late, memory.Max(), faults);
    }

    private static double Mean(List<double> of, double from, double to)
    {
        var some = of[(int)(of.Count * from)..Math.Max((int)(of.Count * from) + 1, (int)(of.Count * to))];
        return some.Average();
    }
}

/// <summary>What came of it.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Questions">Questions.</param>
/// <param name="Seconds">From the host's start to the last message.</param>
/// <param name="EarlyMiB">The host's memory, mean of the second fifth of the time.</param>
/// <param name="LateMiB">Mean of the last fifth.</param>
/// <param name="MostMiB">The most of it.</param>
/// <param name="Faults">What does not hold.</param>
internal sealed record LoadReport(int Documents, int Questions, double Seconds, double EarlyMiB, double LateMiB, double MostMiB, IReadOnlyList<string> Faults);
