using System.Diagnostics;
using System.Globalization;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>A document that kills whoever works on it: the host whose name stands in its job record is killed each time it computes.</summary>
/// <param name="documents">Documents; the first is the one.</param>
/// <param name="tries">Tries that are allowed.</param>
/// <param name="seed">Decides the documents.</param>
internal sealed class PoisonRun(int documents, int tries, int seed)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs it.</summary>
    /// <param name="tell">Told what happens.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<PoisonReport> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        await using var world = await World.StartAsync(inMemory: true, null, cancel);
        var submission = new Submission(world.Account, ServedModel.From(World.Source, World.Encoding), TimeProvider.System);
        var killer = await submission.SendDocumentAsync(World.Collection, Documents.Draw(seed, 0, (3000, 3000)), "killer.txt", cancel);
        var asked = await submission.SendQuestionsAsync(World.Collection, killer.Document, ["Who has the drum?"], cancel);
        for (var i = 1; i < documents; i++) await submission.SendDocumentAsync(World.Collection, Documents.Draw(seed, i, (5, 20)), $"page-{i}.txt", cancel);

        var clock = Stopwatch.StartNew();
        var kills = 0;
        var host = new HostProcess(world, 0, tries);
        try
        {
            while (clock.Elapsed < Limit)
            {
                await Task.Delay(100, cancel);
                var record = await JobRecord.FindAsync(world.Account.Objects, World.Collection, killer.Job, cancel);
                if (record is { HasEnded: true } && await SubmittedWork.HasEndedAsync(world.Account, documents + 1, cancel)) break;
                if (record is not { Status: JobStatus.Running, Computing: not null } || !record.Worker!.EndsWith($"/{host.Process.Id.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal)) continue;
                await host.DisposeAsync();
                host = new HostProcess(world, 0, tries);
                tell($"The host was killed by the document ({++kills}).");
            }

            await SubmittedWork.EmptyAsync(world.Account, cancel);
        }
        finally
        {
            await host.DisposeAsync();
        }

        return new PoisonReport(documents, kills, clock.Elapsed.TotalSeconds, await FaultsAsync(world.Account, killer, asked, kills, cancel));
    }

    private async Task<IReadOnlyList<string>> FaultsAsync(StorageAccount account, EncodeMessage killer, QuestionsMessage asked, int kills, CancellationToken cancel)
    {
        var faults = new List<string>();
        if (kills != tries) faults.Add($"it had {kills} tries, not {tries}");
        var record = (await JobRecord.FindAsync(account.Objects, World.Collection, killer.Job, cancel))!;
        if (record.Status != JobStatus.DeadLettered) faults.Add($"its job is {record.Status}: {record.Reason}");
        if (record.Reason?.Contains("may have stopped its process", StringComparison.Ordinal) != true) faults.Add($"its reason is '{record.Reason}'");
        var answer = await StoredAnswer.FindAsync(account.Objects, World.Collection, asked.Questions[0].Id, cancel);
        if (answer is not { Status: JobStatus.Failed } || !answer.Reason!.Contains(record.Reason!, StringComparison.Ordinal)) faults.Add($"its question is {answer?.Status}: {answer?.Reason}");
        if (await account.Objects.ListAsync(Names.DeadLetters, Names.EncodeQueue + "/", cancel).CountAsync(cancel) != 1) faults.Add("there is not one dead letter");
        var others = await new JobCatalog(account.Objects).ListAsync(new JobFilter(World.Collection, Queue: Names.EncodeQueue), cancel).Where(j => j.Job != killer.Job).ToListAsync(cancel);
        faults.AddRange(others.Where(j => j.Status != JobStatus.Succeeded).Select(j => $"{j.Job}, of another document, is {j.Status}: {j.Reason}"));
        if (others.Count != documents - 1) faults.Add($"there are {others.Count} other jobs, not {documents - 1}");
        return faults;
    }
}

/// <summary>What came of it.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Kills">How often the host was killed.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Faults">What does not hold at the end.</param>
internal sealed record PoisonReport(int Documents, int Kills, double Seconds, IReadOnlyList<string> Faults);
