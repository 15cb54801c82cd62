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
    private readonly Task _beats;
    private JobProgress? _progress;
    private string _version;

    internal JobRun(IObjectStore store, JobRecord record, string version, string lease, JobOptions options, TimeProvider time, CancellationToken host)
    {
        (_store, _name, _version, _lease, _options, _time) = (store, Names.Job(record.Collection, record.Job), version, lease, options, time);
        Record = record;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(host);
        _beats = BeatAsync();
    }

    /// <summary>The record as this host last wrote it.</summary>
    public JobRecord Record { get; private set; }

    /// <summary>Cancelled when the host stops, the lease is lost, or somebody asked for the job to be cancelled.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Whether somebody asked for that.</summary>
    public bool CancelRequested { get; private set; }

    /// <summary>Whether the job is another's by now.</summary>
    public bool Lost { get; private set; }

    /// <summary>Notes how far the work is; the next sign of life carries it.</summary>
    public void Report(JobProgress progress) => Volatile.Write(ref _progress, progress);

    /// <summary>Ends the job.</summary>
    /// <exception cref="LeaseLostException">It is no longer this host's to end.</exception>
    public async Task EndAsync(JobStatus status, string? reason)
    {
        await StopBeatingAsync();
        await WriteAsync(Record with { Status = status, Reason = reason, Ended = _time.GetUtcNow(), Progress = _progress ?? Record.Progress });
        await _store.DeleteAsync(Names.CancelRequest(Record.Collection, Record.Job), CancellationToken.None);
    }

    /// <summary>Lets another try follow.</summary>
    /// <param name="reason">Why this one did not end it.</param>
    /// <param name="counts">Whether it was a try; not where the host stops or the work has to wait.</param>
    /// <exception cref="LeaseLostException">It is no longer this host's to give.</exception>
    public async Task GiveBackAsync(string? reason, bool counts)
    {
        await StopBeatingAsync();
        await WriteAsync(Record with { Status = JobStatus.Queued, Reason = reason, Attempt = Record.Attempt - (counts ? 0 : 1), Progress = null });
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
        if (Lost || await _store.TryReplaceAsync(_name, record.ToJson(), _version, _lease, CancellationToken.None) is not { } version)
            throw new LeaseLostException(Record.Job);
        (Record, _version) = (record, version);
    }

    private async Task BeatAsync()
    {
        var alive = _time.GetUtcNow();
        while (true)
        {
            await Task.Delay(_options.Heartbeat, _time, _beating.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_beating.IsCancellationRequested) return;
            try
            {
                if (!await _store.TryRenewAsync(_name, _lease, CancellationToken.None)) break;
                await WriteAsync(Record with { Heartbeat = _time.GetUtcNow(), Progress = Volatile.Read(ref _progress) });
                alive = _time.GetUtcNow();
                if (!await _store.ExistsAsync(Names.CancelRequest(Record.Collection, Record.Job), CancellationToken.None)) continue;
                CancelRequested = true;
                await _stop.CancelAsync();
                return;
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
