using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Whether this process is well; for probes, without keys, and without reasons, which its log has.</summary>
/// <param name="services">The account and the model, which may not be made where something is wrong.</param>
/// <param name="logger">Told why it is not ready.</param>
public sealed class HealthApi(IServiceProvider services, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>GET <see cref="Routes.Live"/>: 200.</summary>
    public static IResult Live() => Results.Json(new { status = "live" }, Json.Indented);

    /// <summary>GET <see cref="Routes.Ready"/>: 200 or 503 with a <see cref="Readiness"/>.</summary>
    public async Task<IResult> ReadyAsync(CancellationToken cancel)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        soon.CancelAfter(Patience);
        var storage = await IsAsync("the storage account cannot be used", () => services.GetRequiredService<StorageAccount>().RequireAsync(soon.Token));
        ServedModel? model = null;
        // Not asked for where the storage is away, which may hold the model; and not longer than a probe waits.
        var files = storage && await IsAsync("the model's files cannot be used", async () => model = await Task.Run(services.GetRequiredService<ServedModel>, soon.Token).WaitAsync(soon.Token));
        var ready = new Readiness(storage && files, storage, files, model is { IsLoaded: true }, model?.Id);
        return Results.Json(ready, Json.Indented, statusCode: ready.Ready ? 200 : 503);

        async Task<bool> IsAsync(string not, Func<Task> check)
        {
            try
            {
                await check();
                return true;
            }
            catch (Exception e)
            {
                HttpLog.NotReady(logger, not, e);
                return false;
            }
        }
    }
}

/// <summary>Whether a process can work.</summary>
/// <param name="Ready">All of it.</param>
/// <param name="Storage">The storage account answers.</param>
/// <param name="ModelFiles">The model's files were there with their hashes when they were first looked at; of a checkpoint of the store, its manifest was, and its files are checked when they are fetched. False too where the storage does not answer.</param>
/// <param name="ModelLoaded">The model is in memory; it is loaded when it is first needed, and some roles never need it.</param>
/// <param name="Checkpoint">The checkpoint id.</param>
public sealed record Readiness(bool Ready, bool Storage, bool ModelFiles, bool ModelLoaded, string? Checkpoint);
