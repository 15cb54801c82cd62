using Microsoft.Extensions.Time.Testing;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

/// <summary>Job records over a folder and a clock that stands still unless told.</summary>
public abstract class JobRecordsOnDisk : IDisposable
{
    protected const string Collection = "default";
    protected static readonly string Job = Names.EncodeJob(new string('a', 32));
    protected static readonly JobOptions Options = new() { Lease = TimeSpan.FromSeconds(15), MaxAttempts = 3 };
    private readonly TemporaryFolder _folder = new();

    protected JobRecordsOnDisk() => Store = new DirectoryStore(_folder.Path, Time);

    protected string Folder => _folder.Path;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));

    protected DirectoryStore Store { get; }

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected JobLedger Ledger(string worker = "tests") => new(Store, Options, Time, worker);

    protected static async Task<(int Generation, bool Send)> QueueAsync(JobLedger ledger, bool done = true)
    {
        var queued = await ledger.QueueAsync(Names.EncodeQueue, Collection, Job, g => $"body {g}", () => Task.FromResult(done), Now);
        return (queued.Record.Generation, queued.Send);
    }

    protected static Task<JobStart> BeginAsync(JobLedger ledger, int generation) => ledger.BeginAsync(
        new JobMessage(Names.EncodeQueue, Collection, Job, generation, $"sent {generation}"), () => Task.FromResult(true), Now);

    protected static async Task<JobRun> BegunAsync(JobLedger ledger, int generation)
    {
        var start = await BeginAsync(ledger, generation);
        Assert.Equal(JobStartKind.Begun, start.Kind);
        return start.Run!;
    }

    /// <summary>Until its record says that it computes.</summary>
    protected async Task ComputeAsync(JobRun run)
    {
        run.Computes();
        while ((await RecordAsync()) is { Computing: null }) await Task.Delay(5, Now);
    }

    /// <summary>As if its process were killed.</summary>
    protected static Task StopBeatingAsync(JobRun run) => run.StopBeatingAsync();

    protected Task<JobRecord?> RecordAsync() => JobRecord.FindAsync(Store, Collection, Job, Now);

    /// <summary>Lets the clock go on until something holds.</summary>
    protected async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 1000, "It does not come to that.");
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Now);
        }
    }
}
