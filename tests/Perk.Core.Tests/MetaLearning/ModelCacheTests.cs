using System.Diagnostics;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tests.Documents;
using Perk.Tests;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>Pushed checkpoints on this machine: whole and the right ones, or an error that says what is wrong.</summary>
public abstract class ModelCacheConformance : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Root => _folder.File("cache");

    protected abstract Task<IObjectStore> StoreAsync();

    public virtual void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<string> Sources => ["shipped", "stories"];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Fetch_PushedCheckpoint_IsTheSameInEverythingThatIdsAreMadeOf(string name)
    {
        var source = name == "shipped" ? TestModels.Shipped : TestModels.Stories;
        var store = await PushedAsync(source);
        var reports = new List<ModelProgress>();
        var fetched = await new ModelCache(store, Root).FetchAsync(source.Id(), new Told(reports.Add), Now);
        Assert.StartsWith(Root, fetched.ModelFolder);
        Assert.Equal((source.Id(), source.ModelName), (fetched.Id(), fetched.ModelName));
        Assert.Equal(source.BaseFiles(), fetched.BaseFiles());
        Assert.Equal(reports[^1].Total, reports[^1].Done);

        using var here = source.Load(CPU);
        using var there = fetched.Load(CPU);
        Assert.Equal((here.Id, here.ModelName, here.MaxNewTokens), (there.Id, there.ModelName, there.MaxNewTokens));
        var options = new EncodingOptions { Segmenter = new SegmenterOptions { MaxTokens = 32 }, Inner = source.Settings()?.Inner ?? new InnerLoopOptions { Steps = 3 } };
        Assert.Equal(AdapterId(options, here), AdapterId(options, there));
    }

    [Fact]
    public async Task Fetch_ShardedWeights_ComeWithTheirIndex()
    {
        var model = TestModels.Copy(RepositoryFiles.Stories260K, _folder.File("sharded"));
        File.Move(Path.Combine(model, "model.safetensors"), Path.Combine(model, "model-00001-of-00002.safetensors"));
        await File.WriteAllTextAsync(Path.Combine(model, "model-00002-of-00002.safetensors"), "the rest", Now);
        await File.WriteAllTextAsync(
            Path.Combine(model, "model.safetensors.index.json"), """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""", Now);
        var source = new CheckpointSource { ModelFolder = model };
        var fetched = await new ModelCache(await PushedAsync(source), Root).FetchAsync(source.Id(), null, Now);
        Assert.Equal(TestModels.Files(model), TestModels.Files(fetched.ModelFolder));
    }

    [Fact]
    public async Task Fetch_AgainAndByAnotherProcess_DownloadsOnce()
    {
        var opened = 0;
        var store = new WatchedStore(await PushedAsync(TestModels.Stories), _ => { }) { Opening = _ => Interlocked.Increment(ref opened) };
        var fetched = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now))));
        var later = await new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now);
        Assert.All(fetched, f => Assert.Equal((later.Id(), later.ModelFolder), (f.Id(), f.ModelFolder)));
        Assert.Equal(Directory.GetFiles(fetched[0].ModelFolder).Length, opened);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("added")]
    public async Task Fetch_CacheWasTamperedWith_IsHealed(string how)
    {
        var source = how == "added" ? TestModels.Shipped : TestModels.Stories;
        var cache = new ModelCache(await PushedAsync(source), Root);
        var fetched = await cache.FetchAsync(source.Id(), null, Now);
        var whole = TestModels.Files(Root);
        var file = Path.Combine(fetched.ModelFolder, "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(file, Now);
        if (how == "changed") bytes[^1] ^= 1;
        await (how switch
        {
            "gone" => Task.Run(() => File.Delete(file), Now),
            "added" => File.WriteAllTextAsync(Path.Combine(fetched.ModelFolder, "added_tokens.json"), """{"<x>":7}""", Now), // Part of the tokenizer, and of the id.
            _ => File.WriteAllBytesAsync(file, how == "cut" ? bytes[..^9] : bytes, Now),
        });
        if (how != "gone") Assert.NotEqual(source.Id(), fetched.Id());
        var healed = await cache.FetchAsync(source.Id(), null, Now);
        Assert.Equal((source.Id(), fetched.ModelFolder), (healed.Id(), healed.ModelFolder));
        Assert.Equal(whole, TestModels.Files(Root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fetch_PayloadWasTamperedWith_NamesFileExpectedAndFoundAndLeavesNothing(bool longer)
    {
        var store = await PushedAsync(TestModels.Stories);
        var file = (await new ModelShelf(store).RequireAsync(TestModels.Stories.Id(), Now)).Base.Single(f => f.Name == "model.safetensors");
        var name = Names.ModelPayload(file.Sha256);
        var bytes = (await store.ReadAllBytesAsync(name, Now))!;
        bytes[1000] ^= 1;
        await store.WriteAsync(name, longer ? [.. bytes, 0] : bytes, Now);
        var error = await Assert.ThrowsAsync<ModelFileException>(() => new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now));
        Assert.Equal(name.ToString(), error.File);
        Assert.Contains($"is not model.safetensors of checkpoint {TestModels.Stories.Id()} (stories260K)", error.Message);
        Assert.Contains(longer ? $"more than the expected {file.Length} bytes" : $"with sha256 {Ids.Sha256(bytes)}, expected {file.Length} with {file.Sha256}", error.Message);
        Assert.Empty(Directory.GetDirectories(Root));

        await store.DeleteAsync(name, Now);
        error = await Assert.ThrowsAsync<ModelFileException>(() => new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now));
        Assert.StartsWith($"{name}: is missing; it is model.safetensors of ", error.Message);

        // As the message says: pushed again, it is whole again.
        await PushAsync(store, TestModels.Stories);
        Assert.Equal(TestModels.Stories.Id(), (await new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now)).Id());
    }

    [Fact]
    public async Task Fetch_ManifestOfOtherFilesOrSettings_IsRefused()
    {
        var store = await PushedAsync(TestModels.Shipped);
        var manifest = await new ModelShelf(store).RequireAsync(TestModels.Shipped.Id(), Now);
        var name = Names.ModelManifest(manifest.Checkpoint);
        await RefusedAsync(manifest with { Base = [.. manifest.Base.Where(f => f.Name != "tokenizer_config.json")] }, "lists the files of checkpoint ");
        await RefusedAsync(manifest with { Trained = [.. manifest.Trained.Where(f => f.Name != "meta.safetensors")] }, "does not list meta.safetensors");
        await RefusedAsync(manifest with { Settings = manifest.Settings! with { SegmentTokens = 99 } }, "has other settings than checkpoint.json");

        async Task RefusedAsync(ModelManifest other, string said)
        {
            await store.WriteAsync(name, other.ToJson(), Now);
            var error = await Assert.ThrowsAsync<ModelFileException>(() => new ModelCache(store, Root).FetchAsync(manifest.Checkpoint, null, Now));
            Assert.Equal(name.ToString(), error.File);
            Assert.Contains(said, error.Message);
            Assert.Empty(Directory.GetDirectories(Root));
        }
    }

    [Fact]
    public async Task Fetch_CancelledInTheMiddle_EndsAtOnceAndLeavesNothingHalf()
    {
        var store = await PushedAsync(TestModels.Shipped);
        using var stop = new CancellationTokenSource();
        var clock = new Stopwatch();
        var stopping = new Told(p =>
        {
            if (p.Done < 2_000_000 || clock.IsRunning) return;
            clock.Start();
            stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ModelCache(store, Root).FetchAsync(TestModels.Shipped.Id(), stopping, stop.Token));
        Assert.InRange(clock.Elapsed, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        Assert.Empty(Directory.GetDirectories(Root));
        Assert.Equal(TestModels.Shipped.Id(), (await new ModelCache(store, Root).FetchAsync(TestModels.Shipped.Id(), null, Now)).Id());
    }

    [Fact]
    public async Task Fetch_AKilledProcessLeftHalf_IsNeverUsedAndGoes()
    {
        var store = await PushedAsync(TestModels.Stories);
        var half = Path.Combine(Root, TestModels.Stories.Id() + ".half", "base", "stories260K");
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "model.safetensors"), "half", Now);
        var fetched = await new ModelCache(store, Root).FetchAsync(TestModels.Stories.Id(), null, Now);
        Assert.Equal(TestModels.Stories.Id(), fetched.Id());
        Assert.Equal([Path.Combine(Root, fetched.Id())], Directory.GetDirectories(Root));
    }

    [Fact]
    public async Task Fetch_NotPushed_SaysHowToPush()
    {
        var store = await PushedAsync(TestModels.Stories);
        var error = await Assert.ThrowsAsync<ModelFileException>(() => new ModelCache(store, Root).FetchAsync(new string('0', 64), null, Now));
        Assert.Contains("push it: perk model push --model DIR --checkpoint DIR", error.Message);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task Fetch_FolderCannotBeMade_NamesItAndWhatHelps()
    {
        var store = await PushedAsync(TestModels.Stories);
        await File.WriteAllTextAsync(_folder.File("file"), "", Now);
        var error = await Assert.ThrowsAsync<ModelFileException>(() => new ModelCache(store, _folder.File("file")).FetchAsync(TestModels.Stories.Id(), null, Now));
        Assert.Contains("cannot be written (", error.Message);
        Assert.Contains("PERK_CACHE", error.Message);
    }

    private static async Task PushAsync(IObjectStore store, CheckpointSource source) =>
        await (await new ModelShelf(store).PlanAsync(source, DateTimeOffset.UnixEpoch, Now)).SendAsync(null, Now);

    protected async Task<IObjectStore> PushedAsync(CheckpointSource source)
    {
        var store = await StoreAsync();
        await PushAsync(store, source);
        return store;
    }

    private static string AdapterId(EncodingOptions options, Checkpoint checkpoint) =>
        options.AdapterId("default", new string('d', 64), checkpoint.Id, checkpoint.Meta.InitialAdapter.Options);
}

public sealed class ModelCacheOnDiskTests : ModelCacheConformance
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Fetch_PushedCheckpoint_EncodesBitForBitTheSame()
    {
        var store = await PushedAsync(TestModels.Stories);
        using var fetched = (await new ModelCache(store, _folder.File("cache")).FetchAsync(TestModels.Stories.Id(), null, Now)).Load(CPU);
        using var original = TestModels.Stories.Load(CPU);
        var options = new EncodingOptions { Segmenter = new SegmenterOptions { MaxTokens = 32 }, Inner = new InnerLoopOptions { Steps = 3 } };
        using var here = new DocumentEncoder(original, options).Encode(Pipeline.OtherText, cancel: Now);
        using var there = new DocumentEncoder(fetched, options).Encode(Pipeline.OtherText, cancel: Now);
        Assert.True(Stories.Same(here.Adapter, there.Adapter));
    }

    protected override Task<IObjectStore> StoreAsync() => Task.FromResult<IObjectStore>(new DirectoryStore(_folder.Path));

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }
}

[Collection(nameof(ModelsContainer))]
public sealed class ModelCacheInBlobsTests(AzuriteFixture azurite) : ModelCacheConformance
{
    protected override Task<IObjectStore> StoreAsync() => ModelsContainer.EmptyAsync(azurite);
}
