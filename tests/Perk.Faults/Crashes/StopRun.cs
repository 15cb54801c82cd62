using System.Diagnostics;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>A host that is told to stop (SIGTERM) while it encodes: how soon another could take the message.</summary>
/// <param name="rounds">How often.</param>
/// <param name="seed">Decides documents and moments.</param>
/// <param name="within">How soon it must be.</param>
internal sealed class StopRun(int rounds, int seed, TimeSpan within)
{
    /// <summary>Runs it.</summary>
    /// <param name="tell">Told what happens.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<StopReport> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        var random = new Random(seed);
        var (seconds, faults) = (new List<double>(), new List<string>());
        await using var world = await World.StartAsync(inMemory: true, null, cancel);
        var submission = new Submission(world.Account, ServedModel.From(World.Source, World.Encoding), TimeProvider.System);
        for (var round = 0; round < rounds; round++)
        {
            var sent = await submission.SendDocumentAsync(World.Collection, Documents.Draw(seed, round, (6000, 6000)), null, cancel);
            await using var host = new HostProcess(world, round, tries: 5);
            while (await JobRecord.FindAsync(world.Account.Objects, World.Collection, sent.Job, cancel) is not { Status: JobStatus.Running }) await Task.Delay(50, cancel);
            await Task.Delay(random.Next(0, 2000), cancel);

            // Hidden for --retry-delay, one second, from the moment of its release.
            var clock = Stopwatch.StartNew();
            using (var kill = Process.Start("kill", ["-TERM", $"{host.Process.Id}"])) await kill.WaitForExitAsync(cancel);
            var queue = world.Account.Queue(Names.EncodeQueue);
            while ((await queue.PeekMessageAsync(cancel)).Value is null && clock.Elapsed < TimeSpan.FromSeconds(30)) await Task.Delay(20, cancel);
            seconds.Add(Math.Max(0, clock.Elapsed.TotalSeconds - 1));
            tell(FormattableString.Invariant($"Released {seconds[^1]:0.00} s after the signal."));
            await host.Process.WaitForExitAsync(cancel); // A micro-batch cannot be cut off: on a busy machine the job is given back after its message.
            var record = (await JobRecord.FindAsync(world.Account.Objects, World.Collection, sent.Job, cancel))!;
            if ((record.Status, record.Attempt) != (JobStatus.Queued, 0)) faults.Add($"round {round}: the job is {record.Status} with {record.Attempt} tries; a stop is no try");
            if (seconds[^1] > within.TotalSeconds) faults.Add(FormattableString.Invariant($"round {round}: the message was released after {seconds[^1]:0.00} s, not within {within.TotalSeconds}"));
            await queue.ClearMessagesAsync(cancel);
        }

        return new StopReport(seconds, faults);
    }
}

/// <summary>What came of it.</summary>
/// <param name="Seconds">From each signal to the message's release, above the retry delay of a second.</param>
/// <param name="Faults">What does not hold.</param>
internal sealed record StopReport(IReadOnlyList<double> Seconds, IReadOnlyList<string> Faults);
