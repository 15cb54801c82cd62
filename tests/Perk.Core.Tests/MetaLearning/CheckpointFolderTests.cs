using System.Text.Json.Nodes;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>Trained meta-parameters as a folder: what is written is read, and only for the base it was trained on.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointSource _base = new() { ModelFolder = RepositoryFiles.Stories260K };

    private CheckpointSource Trained => _base with { Folder = _folder.Path };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_WhatWasWritten_HasEveryTensorAndSetting(bool weighted)
    {
        using var meta = Write(weighted);
        using var loaded = Trained.Load(CPU);
        Assert.Null(loaded.Initialisation);
        Assert.Equal(weighted, loaded.Meta.Weighting is not null);
        Assert.Equal(meta.Tensors.Count, loaded.Meta.Tensors.Count);
        foreach (var (written, read) in meta.Tensors.Zip(loaded.Meta.Tensors))
        {
            Assert.Equal(written.shape, read.shape);
            Assert.Equal(written.data<float>().ToArray(), read.data<float>().ToArray());
        }

        var settings = Trained.Settings()!;
        Assert.Equal(Settings with { BaseFiles = settings.BaseFiles, Training = null, Lora = settings.Lora }, settings with { Training = null });
        Assert.Equal((4, 16.0), (ModelIdentity.Of(Trained).Lora.Rank, ModelIdentity.Of(Trained).Lora.Alpha));
        // Who submits a document has not loaded the model, and must come to the same id.
        Assert.Equal(ModelIdentity.Of(Trained).Lora.ToJson().ToJsonString(), loaded.Meta.InitialAdapter.Options.ToJson().ToJsonString());
        Assert.Equal("how", settings.Training!["recipe"]!.GetValue<string>());
    }

    [Fact]
    public void Id_AnyFileChanged_IsAnother()
    {
        using var meta = Write(weighted: true);
        var ids = new HashSet<string> { _base.Id(), Trained.Id() };
        Assert.Equal(2, ids.Count);
        foreach (var file in CheckpointFolder.Files(_folder.Path))
        {
            var bytes = File.ReadAllBytes(file);
            File.WriteAllBytes(file, [.. bytes, (byte)' ']);
            Assert.True(ids.Add(Trained.Id()), file);
            File.WriteAllBytes(file, bytes);
        }
    }

    [Fact]
    public void Load_AnotherBase_NamesTheOneItWasTrainedOn()
    {
        using var meta = Write(weighted: false, Settings with { BaseFiles = new Dictionary<string, string> { ["config.json"] = new('0', 64) } });
        var error = Assert.Throws<ModelFileException>(() => Trained.Load(CPU));
        Assert.Contains("trained on base model stories260K; config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schema", "2", "has schema 2; this version reads 1")]
    [InlineData("inner", """{"steps":0}""", "Inner option Steps is 0")]
    [InlineData("lora", "null", "lora")]
    [InlineData("segmentTokens", "\"many\"", "segmentTokens")]
    [InlineData("segmentTokens", "1", "MaxTokens must be from 16")]
    [InlineData("lora", """{"rank":0}""", "LoRA rank 0")]
    [InlineData("lora", """{"targets":[null]}""", "LoRA target is null")]
    [InlineData("lora", """{"alpha":1e999}""", "$.lora.alpha")]
    [InlineData("segmentUnit", "7", "segmentUnit")]
    [InlineData("training", """{"a":1,"a":2}""", "Key: a")]
    public void Settings_Damaged_NamesFileAndField(string field, string value, string reason)
    {
        using var meta = Write(weighted: false);
        var path = Path.Combine(_folder.Path, CheckpointSettings.FileName);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        json[field] = "HERE";
        File.WriteAllText(path, json.ToJsonString().Replace("\"HERE\"", value, StringComparison.Ordinal));
        var error = Assert.Throws<ModelFileException>(() => Trained.Settings());
        Assert.Contains(CheckpointSettings.FileName, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(reason, StringComparison.OrdinalIgnoreCase), error.Message);
    }

    [Theory]
    [InlineData(AdapterFile.WeightsName)]
    [InlineData(AdapterFile.ConfigName)]
    [InlineData(CheckpointFolder.MetaName)]
    [InlineData(CheckpointSettings.FileName)]
    public void Load_FileMissingOrCutShort_NamesIt(string file)
    {
        using var meta = Write(weighted: true);
        var path = Path.Combine(_folder.Path, file);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Contains(file, Assert.Throws<ModelFileException>(() => Trained.Load(CPU)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains(file, Assert.Throws<ModelFileException>(() => Trained.Load(CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_StepSizesForOtherSteps_SaysSo()
    {
        using var meta = Write(weighted: false, Settings with { Inner = new InnerLoopOptions { Steps = 3 } });
        Assert.Contains("step_sizes", Assert.Throws<ModelFileException>(() => Trained.Load(CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SettingsThatSelectWhatTheModelLacks_NamesThem()
    {
        using var meta = Write(weighted: false, Settings with { Lora = new LoraOptions { Rank = 4, Targets = ["z_proj"] } });
        var error = Assert.Throws<ModelFileException>(() => Trained.Load(CPU));
        Assert.EndsWith(CheckpointSettings.FileName, error.File);
        Assert.Contains("LoRA target 'z_proj' is not a projection", error.Message);
    }

    [Fact]
    public void Load_BaseFileWithoutAHash_IsAnotherBase()
    {
        using var meta = Write(weighted: false, Settings with { BaseFiles = new Dictionary<string, string> { ["no-such-file"] = null! } });
        Assert.Contains("no-such-file", Assert.Throws<ModelFileException>(() => Trained.Load(CPU)).Message);
    }

    [Fact]
    public void Read_HeadIncomplete_LeavesNoTensorBehind()
    {
        using var meta = Write(weighted: true);
        var path = Path.Combine(_folder.Path, CheckpointFolder.MetaName);
        Core.Tensors.SafeTensors.Write(path, [("step_sizes", meta.StepSizes.detach()), ("weighting.0.weight", meta.Weighting!.Tensors[0].detach())]);
        var settings = Trained.Settings()!;
        // Other tests make tensors at the same time, so this counts what one thread detaches from its scopes.
        using var scope = NewDisposeScope();
        var before = TorchSharp.DisposeScopeManager.Statistics.DetachedFromScopeCount;
        Assert.Contains("weighting.0.bias", Assert.Throws<ModelFileException>(() => CheckpointFolder.Read(_folder.Path, settings, Stories.Model)).Message);
        Assert.Equal(meta.InitialAdapter.Tensors.Count, TorchSharp.DisposeScopeManager.Statistics.DetachedFromScopeCount - before);
    }

    private CheckpointSettings Settings => new()
    {
        Schema = CheckpointSettings.CurrentSchema,
        BaseModel = "stories260K",
        BaseFiles = _base.BaseFiles(),
        Lora = new LoraOptions { Rank = 4 },
        Inner = new InnerLoopOptions { Steps = 2, RootEpsilon = 3, Normalisation = LossNormalisation.SumOverConstant },
        SegmentTokens = 64,
        Training = new JsonObject { ["recipe"] = "how" },
    };

    private MetaParameters Write(bool weighted, CheckpointSettings? settings = null)
    {
        using var plain = Stories.Meta(steps: 2);
        using var generator = new Generator(5, CPU);
        var adapter = plain.InitialAdapter.With([.. plain.InitialAdapter.Tensors.Select(t => rand(t.shape, generator: generator))]);
        var head = weighted ? TokenWeighting.Constant(Stories.Model.HiddenSize, 0.5, 7, ScalarType.Float32, CPU) : null;
        var meta = new MetaParameters(adapter, rand(plain.StepSizes.shape, generator: generator), head);
        CheckpointFolder.Write(_folder.Path, meta, settings ?? Settings);
        return meta;
    }
}
