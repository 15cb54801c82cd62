using System.Diagnostics;
using System.Text.RegularExpressions;
using Azure.Core.Pipeline;
using Perk.Cli.Emulator;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>A storage emulator with its data in a folder, and the checkpoint and options that all hosts of a run have.</summary>
internal sealed partial class World : IAsyncDisposable
{
    /// <summary>The collection of everything a run makes.</summary>
    public const string Collection = "faults";

    private readonly string _folder = Directory.CreateTempSubdirectory("perk-faults-").FullName;
    private readonly AzuriteOptions _options;
    private Azurite _azurite;

    private World(Azurite azurite, AzuriteOptions options, HttpPipelinePolicy? policy)
    {
        (_azurite, _options) = (azurite, options);
        Account = StorageAccount.FromConnectionString(azurite.ConnectionString, policy);
        Untouched = StorageAccount.FromConnectionString(azurite.ConnectionString);
        var ports = Ports().Matches(azurite.ConnectionString);
        _options = options with { BlobPort = int.Parse(ports[0].Groups[1].ValueSpan, null), QueuePort = int.Parse(ports[1].Groups[1].ValueSpan, null) };
    }

    /// <summary>The checkpoint that ships, as hosts take it that are told nothing.</summary>
    public static CheckpointSource Source { get; } = new()
    {
        ModelFolder = Path.Combine(AppContext.BaseDirectory, "models", "perk-1m"), Folder = Path.Combine(AppContext.BaseDirectory, "models", "perk-1m", "memory"),
    };

    /// <summary>The encoding that it asks for.</summary>
    public static EncodingOptions Encoding { get; } = EncodingOf(Source.Settings()!);

    /// <summary>The account, through the policy that the run injects.</summary>
    public StorageAccount Account { get; }

    /// <summary>The account without it, to look from outside.</summary>
    public StorageAccount Untouched { get; }

    /// <summary>The account's connection string.</summary>
    public string ConnectionString => _azurite.ConnectionString;

    /// <summary>A place for logs; it goes away with the world.</summary>
    public string Folder => _folder;

    /// <summary>Starts the emulator.</summary>
    /// <param name="inMemory">Whether its data are in memory: faster, and not to be killed.</param>
    /// <param name="policy">A step of every request of <see cref="Account"/>; null for none.</param>
    /// <param name="cancel">Cancels.</param>
    public static async Task<World> StartAsync(bool inMemory, HttpPipelinePolicy? policy, CancellationToken cancel)
    {
        var options = new AzuriteOptions { Folder = inMemory ? null : Directory.CreateTempSubdirectory("perk-azurite-").FullName };
        var world = new World(await Azurite.StartAsync(options, cancel), options, policy);
        await world.Untouched.EnsureQueuesAsync(cancel);
        return world;
    }

    /// <summary>Kills the emulator (SIGKILL) and starts it again over the same data, on the same ports.</summary>
    public async Task KillEmulatorAsync(TimeSpan pause, CancellationToken cancel)
    {
        using (var process = Process.GetProcessById(_azurite.ProcessId)) process.Kill();
        await _azurite.DisposeAsync();
        await Task.Delay(pause, cancel);
        _azurite = await Azurite.StartAsync(_options, cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _azurite.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (_options.Folder is { } data) Directory.Delete(data, recursive: true);
    }

    private static EncodingOptions EncodingOf(CheckpointSettings settings) => new()
    {
        Segmenter = new SegmenterOptions { MaxTokens = settings.SegmentTokens, Unit = settings.SegmentUnit },
        Inner = settings.Inner with { SegmentsPerMicroBatch = new InnerLoopOptions().SegmentsPerMicroBatch },
    };

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex Ports();
}
