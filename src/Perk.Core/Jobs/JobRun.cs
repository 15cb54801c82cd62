using System.Text;
using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>A job while this host works on it: signs of life, progress, and its end, all under the lease.</summary>
public sealed class JobRun : IAsyncDisposable
{
    private readonly IObjectStore _store;
    private readonly ObjectName _name;
    private readonly string _lease;
    private readonly JobOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _beating = new();
    private readonly CancellationTokenSource? _limit;
    private DateTimeOffset? _reported;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _beats;
    private JobProgress? _progress;
    private string _version;

    internal JobRun(IObjectStore store, JobRecord record, string version, string lease, JobOptions options, TimeProvider time, CancellationToken host)
    {
        (_store, _name, _version, _lease, _options, _time) = (store, Names.Job(record.Collection, record.Job), version, lease, options, time);
        Record = record;
        _limit = options.TimeLimit is { } limit ? new CancellationTokenSource(limit, time) : null;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(host, _limit?.Token ?? CancellationToken.None);
        _beats = BeatAsync();
    }

    /// <summary>The record as this host last wrote it.</summary>
    public JobRecord Record { get; private set; }

    /// <summary>Cancelled when the host stops, the lease is lost, the try takes too long, or somebody asked for the job to be cancelled.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Whether it took longer than a try may.</summary>
    public bool TimedOut => _limit is { IsCancellationRequested: true };

    /// <summary>Whether it had to wait, for the accelerator or the model, for more than a tenth of the time that a try may take.</summary>
    public bool Waited => _reported is not { } since || since - Record.Started > _options.TimeLimit / 10;

    /// <summary>Whether somebody asked for that.</summary>
    public bool CancelRequested { get; private set; }

    /// <summary>Whether the job is another's by now.</summary>
    public bool Lost { get; private set; }

    /// <summary>The lease.</summary>
    internal string LeaseForTests => _lease;

    /// <summary>Notes, with a sign of life at once, that the work begins to compute: from here on a process that dies has cost the job a try.</summary>
    public void Computes() => _begun.TrySetResult();

    /// <summary>Notes how far the work is; the next sign of life carries it.</summary>
    public void Report(JobProgress progress)
    {
        _reported ??= _time.GetUtcNow();
        Volatile.Write(ref _progress, progress with { Loss = progress.Loss is { } loss && double.IsFinite(loss) ? loss : null });
    }

    /// <summary>Notes that a part of the work is stored: another try goes on behind it.</summary>
    public void Kept() => WentOn = true;

    /// <summary>Whether anything was.</summary>
    public bool WentOn { get; private set; }

    /// <summary>Ends the job.</summary>
    /// <exception cref="LeaseLostException">It is no longer this host's to end.</exception>
    public async Task EndAsync(JobStatus status, string? reason)
    {
        await StopBeatingAsync();
        await WriteAsync(Record with { Status = status, Reason = reason, Ended = _time.GetUtcNow(), Progress = _progress ?? Record.Progress, Settled = true });
        try
        {
            await _store.DeleteAsync(Names.CancelRequest(Record.Collection, Record.Job), CancellationToken.None);
        }
        catch (Exception)
        {
            // The job has ended; a request that stays is for this generation and means nothing any more.
        }
    }

    /// <summary>Why a job has no result that was cancelled while it ran.</summary>
    internal static string Cancelled(string job) => $"It was cancelled while it ran; perk jobs replay {job} does it again.";

    /// <summary>Lets another try follow, unless somebody asked for the job to be cancelled.</summary>
    /// <param name="reason">Why this one did not end it.</param>
    /// <param name="counts">Whether it was a try; not where the host stops or the work has to wait.</param>
    /// <exception cref="LeaseLostException">It is no longer this host's to give.</exception>
    public async Task GiveBackAsync(string? reason, bool counts)
    {
        await StopBeatingAsync();
        if (await IsCancelRequestedAsync())
        {
            // Asked between two signs of life, or while the job waits for another: it would be begun again for nothing.
            await EndAsync(JobStatus.Cancelled, Cancelled(Record.Job));
            return;
        }

        await WriteAsync(Record with { Status = JobStatus.Queued, Reason = reason, Attempt = Record.Attempt - (counts ? 0 : 1), Progress = null, Resent = _time.GetUtcNow() });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopBeatingAsync();
        try
        {
            if (!Lost) await _store.ReleaseAsync(_name, _lease, CancellationToken.None);
        }
        catch (Exception)
        {
            // The storage is away: the lease runs out by itself.
        }

        _stop.Dispose();
        _limit?.Dispose();
        _beating.Dispose();
    }

    /// <summary>Ends the signs of life; the lease then runs out, as if the process were killed.</summary>
    internal async Task StopBeatingAsync()
    {
        await _beating.CancelAsync();
        await _beats;
    }

    private async Task WriteAsync(JobRecord record)
    {
        if (Lost || (await ReplaceAsync(record) ?? (await AdoptAsync() ? await ReplaceAsync(record) : null)) is not { } version)
            throw new LeaseLostException(Record.Job);
        (Record, _version) = (record, version);
    }

    private Task<string?> ReplaceAsync(JobRecord record) => _store.TryReplaceAsync(_name, record.ToJson(), _version, _lease, CancellationToken.None);

    /// <summary>A sign of life whose reply never came has made a version that this run does not know: it is this run's own all the same.</summary>
    private async Task<bool> AdoptAsync()
    {
        if (await _store.ReadAsync(_name, CancellationToken.None) is not { } found || JobRecord.Parse(found.Content) is not { Status: JobStatus.Running } known) return false;
        if ((known.Worker, known.Started, known.Attempt, known.Generation) != (Record.Worker, Record.Started, Record.Attempt, Record.Generation)) return false;
        _version = found.Version;
        return true;
    }

    /// <summary>A request is for one generation: one that was left over cancels no later one.</summary>
    private async Task<bool> IsCancelRequestedAsync() =>
        await _store.ReadAllBytesAsync(Names.CancelRequest(Record.Collection, Record.Job), CancellationToken.None) is { } request
        && Encoding.UTF8.GetString(request) == JobControl.CancelRequest(Record.Generation);

    private async Task BeatAsync()
    {
        var (alive, woken) = (_time.GetUtcNow(), false);
        while (true)
        {
            var pause = Task.Delay(_options.Heartbeat, _time, _beating.Token);
            await (woken ? pause : Task.WhenAny(pause, _begun.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            woken = _begun.Task.IsCompleted; // Once: where this sign of life is lost, the next says it.
            if (_beating.IsCancellationRequested) return;
            try
            {
                if (!await _store.TryRenewAsync(_name, _lease, CancellationToken.None)) break;
                var now = _time.GetUtcNow();
                await WriteAsync(Record with { Heartbeat = now, Progress = Volatile.Read(ref _progress), Computing = Record.Computing ?? (_begun.Task.IsCompleted ? now : null) });
                alive = _time.GetUtcNow();
                if (CancelRequested || !await IsCancelRequestedAsync()) continue;
                CancelRequested = true; // The lease is kept up until the work has ended.
                await _stop.CancelAsync();
            }
            catch (LeaseLostException)
            {
                break;
            }
            catch (Exception) when (_time.GetUtcNow() - alive < _options.Lease)
            {
                // The storage is away; the lease still holds.
            }
            catch (Exception)
            {
                break;
            }
        }

        Lost = true;
        await _stop.CancelAsync();
    }
}
