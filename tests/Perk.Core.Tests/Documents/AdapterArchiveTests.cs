using System.Text;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Documents;

/// <summary>What an adapter in a store is, whichever the store.</summary>
public abstract class AdapterArchiveConformance
{
    private static readonly Lazy<EncodedDocument> Made =
        new(() => new DocumentEncoder(Pipeline.Checkpoint, Pipeline.Options).Encode(Pipeline.Text));
    private static readonly string Id = new('e', 32);

    protected abstract string Collection { get; }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private static EncodedDocument Encoded => Made.Value;

    private AdapterManifest Manifest => new()
    {
        Schema = 1,
        Adapter = Id,
        Collection = Collection,
        Document = new string('d', 64),
        TextEncoding = "utf-8",
        Checkpoint = Pipeline.Checkpoint.Id,
        BaseModel = Pipeline.Checkpoint.ModelName,
        Meta = Pipeline.Checkpoint.Initialisation,
        Options = Pipeline.Options,
        Files = [],
        Segments = Encoded.Segments.Count,
        Tokens = Encoded.Tokens,
        Losses = Encoded.Losses,
        EncodeSeconds = 1.5,
        Created = DateTimeOffset.UnixEpoch,
        Versions = new Dictionary<string, string>(StringComparer.Ordinal) { ["Perk.Core"] = "0.1.0" },
    };

    private ObjectName ManifestName => Names.AdapterManifest(Collection, Id);

    protected abstract Task<IObjectStore> StoreAsync();

    [Fact]
    public async Task SaveFindLoad_AnAdapter_AnswersBitForBitTheSame()
    {
        var archive = new AdapterArchive(await StoreAsync());
        var saved = await archive.SaveAsync(Encoded, Manifest, Now);
        var found = await archive.FindAsync(Collection, Id, Now);
        Assert.Equal(saved.ToJson(), found!.ToJson());
        Assert.Equal(["adapter_model.safetensors", "adapter_config.json", "segments.json", "README.md"], found.Files.Select(f => f.Name));
        Assert.Equal(found.Files.Sum(f => f.Length), found.Bytes);
        using var loaded = await archive.LoadAsync(found, Pipeline.Checkpoint, Now);
        Assert.True(Stories.Same(Encoded.Adapter, loaded));

        var (memory, store, none) = (Answers(Encoded.Adapter), Answers(loaded), Answers(null));
        Assert.Equal(memory, store);
        Assert.NotEqual(memory, none);
    }

    [Fact]
    public async Task Save_AnAdapter_SegmentsSayWhereTheyStand()
    {
        var store = await StoreAsync();
        await new AdapterArchive(store).SaveAsync(Encoded, Manifest, Now);
        var rows = JsonNode.Parse((await store.ReadAllBytesAsync(Names.AdapterSegments(Collection, Id), Now))!)!.AsArray();
        Assert.Equal(
            Encoded.Segments.Select(s => (s.Index, s.Offset, s.Length, s.TokenCount)),
            rows.Select(r => ((int)r!["index"]!, (int)r["offset"]!, (int)r["length"]!, (int)r["tokens"]!)));
    }

    [Fact]
    public async Task Save_Stopped_BeforeTheManifest_ThereIsNoAdapterAndTheNextRunCompletesIt()
    {
        var store = await StoreAsync();
        var created = new List<string>();
        var stopping = new WatchedStore(store, name =>
        {
            created.Add(name.ToString());
            if (name == ManifestName) throw new OperationCanceledException();
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            new AdapterArchive(stopping).SaveAsync(Encoded, Manifest, Now));
        Assert.Equal(6, created.Count); // The mark and the payloads are there, and the manifest is the last.
        Assert.True(await store.ExistsAsync(Names.AdapterWeights(Collection, Id), Now));

        var archive = new AdapterArchive(store);
        Assert.Null(await archive.FindAsync(Collection, Id, Now));
        Assert.Empty(await archive.StartingWithAsync(Collection, "", Now));

        using var loaded = await archive.LoadAsync(await archive.SaveAsync(Encoded, Manifest, Now), Pipeline.Checkpoint, Now);
        Assert.True(Stories.Same(Encoded.Adapter, loaded));
        Assert.Equal([Id], await archive.StartingWithAsync(Collection, "eee", Now));
        Assert.Empty(await archive.StartingWithAsync(Collection, "eef", Now));
    }

    [Fact]
    public async Task Save_TwoAtOnceWithOtherBytes_OneConsistentAdapterStays()
    {
        // As two machines whose rounding differs would: every interleaving must leave payloads that their manifest describes.
        var store = await StoreAsync();
        using var other = new DocumentEncoder(Pipeline.Checkpoint, Pipeline.Options).Encode(Pipeline.OtherText, cancel: Now);
        using var barrier = new Barrier(2);
        var manifests = await Task.WhenAll(new[] { Encoded, other }.Select(encoded => Task.Factory.StartNew(
            () =>
            {
                var together = new WatchedStore(store, name =>
                {
                    // Both arrive at each object before either creates it.
                    if (!barrier.SignalAndWait(TimeSpan.FromSeconds(20), Now)) throw new TimeoutException();
                });
                return new AdapterArchive(together).SaveAsync(encoded, Manifest with { Segments = encoded.Segments.Count }, Now);
            },
            Now,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
        Assert.Equal(manifests[0].ToJson(), manifests[1].ToJson());
        var archive = new AdapterArchive(store);
        var found = await archive.FindAsync(Collection, Id, Now);
        Assert.Equal(found!.ToJson(), manifests[0].ToJson());
        using var loaded = await archive.LoadAsync(found, Pipeline.Checkpoint, Now);
        Assert.True(Stories.Same(Encoded.Adapter, loaded) || Stories.Same(other.Adapter, loaded));
    }

    [Fact]
    public async Task Save_AfterAnotherWasComplete_TheFirstStays()
    {
        var archive = new AdapterArchive(await StoreAsync());
        var first = await archive.SaveAsync(Encoded, Manifest, Now);
        using var other = new DocumentEncoder(Pipeline.Checkpoint, Pipeline.Options).Encode(Pipeline.OtherText, cancel: Now);
        var second = await archive.SaveAsync(other, Manifest with { Created = DateTimeOffset.UnixEpoch.AddDays(1) }, Now);
        Assert.Equal(first.ToJson(), second.ToJson());
        using var loaded = await archive.LoadAsync(second, Pipeline.Checkpoint, Now);
        Assert.True(Stories.Same(Encoded.Adapter, loaded));
    }

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("adapter_config.json")]
    public async Task Load_PayloadDamagedCutOrMissing_NamesTheBlob(string file)
    {
        var store = await StoreAsync();
        var archive = new AdapterArchive(store);
        var manifest = await archive.SaveAsync(Encoded, Manifest, Now);
        var name = new ObjectName(Names.Adapters, $"{Collection}/{Id}/{file}");
        var good = (await store.ReadAllBytesAsync(name, Now))!;
        var flipped = good.ToArray();
        flipped[^3] ^= 1;
        foreach (var bad in new[] { flipped, good[..^1], [] })
        {
            await store.WriteAsync(name, bad, Now);
            Assert.Contains("differs from its manifest", await Refused());
        }

        await store.DeleteAsync(name, Now);
        Assert.Contains("is missing", await Refused());
        await store.WriteAsync(name, good, Now);
        using var again = await archive.LoadAsync(manifest, Pipeline.Checkpoint, Now);

        async Task<string> Refused()
        {
            var e = await Assert.ThrowsAsync<ModelFileException>(() => archive.LoadAsync(manifest, Pipeline.Checkpoint, Now));
            Assert.Equal(name.ToString(), e.File);
            return e.Message;
        }
    }

    [Fact]
    public async Task Load_PayloadNotInTheManifest_IsRefused()
    {
        var archive = new AdapterArchive(await StoreAsync());
        var manifest = await archive.SaveAsync(Encoded, Manifest, Now);
        var e = await Assert.ThrowsAsync<ModelFileException>(() => archive.LoadAsync(
            manifest with { Files = [.. manifest.Files.Skip(1)] }, Pipeline.Checkpoint, Now));
        Assert.Contains("adapter_model.safetensors: is not listed", e.Message);
    }

    [Fact]
    public async Task Load_AnotherCheckpoint_NamesBoth()
    {
        var archive = new AdapterArchive(await StoreAsync());
        var manifest = await archive.SaveAsync(
            Encoded, Manifest with { Checkpoint = new string('9', 64), BaseModel = "Qwen2.5-0.5B" }, Now);
        var e = await Assert.ThrowsAsync<ModelFileException>(() => archive.LoadAsync(manifest, Pipeline.Checkpoint, Now));
        Assert.Contains(new string('9', 64), e.Message);
        Assert.Contains("Qwen2.5-0.5B", e.Message);
        Assert.Contains(Pipeline.Checkpoint.Id, e.Message);
        Assert.Contains("stories260K", e.Message);
        Assert.Equal(ManifestName.ToString(), e.File);
    }

    [Theory]
    [InlineData("", "is not a manifest")]
    [InlineData("no JSON", "is not a manifest")]
    [InlineData("null", "is not a manifest")]
    [InlineData("[]", "is not a manifest")]
    [InlineData("{}", "is not a manifest")]
    [InlineData("""{"schema":1}""", "is not a manifest")]
    [InlineData("""{"schema":2,"weights":"elsewhere"}""", "has schema 2; this version reads 1")]
    [InlineData("schema=2", "has schema 2; this version reads 1")]
    [InlineData("schema=0", "is not a manifest")]
    [InlineData("files=null", "is not a manifest")]
    [InlineData("files=[null]", "is not a manifest")]
    [InlineData("options=null", "is not a manifest")]
    [InlineData("options={\"segmenter\":{\"maxTokens\":1}}", "is not a manifest")]
    [InlineData("losses=\"many\"", "is not a manifest")]
    [InlineData("losses=[1e999]", "$.losses[0]")]
    [InlineData("files=[{\"name\":\"a\"}]", "is not a manifest")]
    [InlineData("files=[{\"name\":\"a\",\"sha256\":\"b\",\"length\":9223372036854775807}]", "a file has no length from 0 to")]
    [InlineData("options={\"inner\":{\"optimizer\":9}}", "optimizer")]
    [InlineData("options={\"inner\":{\"steps\":0}}", "Inner option Steps is 0")]
    [InlineData("meta={\"lora\":{\"rank\":0}}", "LoRA rank 0 is out of range")]
    [InlineData("adapter=\"ffffffffffffffffffffffffffffffff\"", "is the manifest of adapter ffffffffffffffffffffffffffffffff")]
    [InlineData("collection=\"another\"", "in collection another")]
    public async Task Find_ManifestDamagedOrForeign_NamesTheBlob(string form, string said)
    {
        var store = await StoreAsync();
        var archive = new AdapterArchive(store);
        var json = JsonNode.Parse((await archive.SaveAsync(Encoded, Manifest, Now)).ToJson())!;
        if (form.Split('=') is [var field, var value])
        {
            json[field] = JsonNode.Parse(value);
            form = json.ToJsonString();
        }

        await store.WriteAsync(ManifestName, Encoding.UTF8.GetBytes(form), Now);
        var e = await Assert.ThrowsAsync<ModelFileException>(() => archive.FindAsync(Collection, Id, Now));
        Assert.StartsWith($"{ManifestName}: ", e.Message);
        Assert.Contains(said, e.Message);
    }

    private static string[] Answers(Adapter? adapter)
    {
        string[] questions = ["Who gave it back?", "Where did the ball roll?"];
        return [.. new QuestionAnswerer(Pipeline.Checkpoint).Answer(adapter, 3, questions, 24, Now).Select(a => a.Text)];
    }
}

public sealed class AdapterArchiveOnDiskTests : AdapterArchiveConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected override string Collection => Names.DefaultCollection;

    protected override Task<IObjectStore> StoreAsync() => Task.FromResult<IObjectStore>(new DirectoryStore(_folder.Path));

    public void Dispose() => _folder.Dispose();
}

public sealed class AdapterArchiveInBlobsTests(AzuriteFixture azurite) : AdapterArchiveConformance
{
    protected override string Collection { get; } = azurite.UniqueName("archive");

    protected override async Task<IObjectStore> StoreAsync() => (await azurite.AccountAsync()).Objects;
}
