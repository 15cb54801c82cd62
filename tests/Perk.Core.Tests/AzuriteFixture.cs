using Perk.Cli.Emulator;
using Perk.Core.Storage;

[assembly: AssemblyFixture(typeof(Perk.Tests.AzuriteFixture))]

namespace Perk.Tests;

/// <summary>One storage emulator in memory for all tests of an assembly, started by the first that asks for it.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private readonly Lazy<Task<Azurite>> _azurite = new(() => Azurite.StartAsync(new AzuriteOptions(), CancellationToken.None));
    private int _names;

    public async Task<string> ConnectionStringAsync() => (await _azurite.Value).ConnectionString;

    public async Task<StorageAccount> AccountAsync() => StorageAccount.FromConnectionString(await ConnectionStringAsync());

    /// <summary>A container or queue name no other test has.</summary>
    public string UniqueName(string stem) => $"{stem}-{Interlocked.Increment(ref _names)}";

    public async ValueTask DisposeAsync()
    {
        if (_azurite.IsValueCreated) await (await _azurite.Value).DisposeAsync();
    }
}
